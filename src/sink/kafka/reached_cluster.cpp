#include "sink/kafka/reached_cluster.hpp"

#include "sink/kafka/kafka_error_text.hpp"
#include "text/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace pbxbridge::sink {

namespace {

/// Kafka makes an identifier of 22 letters of Base64, and an operator may choose another.
bool is_identifier(std::string_view id) {
  constexpr std::size_t longest = 64;
  return !id.empty() && id.size() <= longest && std::ranges::all_of(id, [](char letter) {
    return text::is_letter(letter) || text::is_digit(letter) || letter == '-' || letter == '_' || letter == '.';
  });
}

bool is_named(const rd_kafka_metadata_t& metadata, std::int32_t broker) {
  return std::any_of(metadata.brokers, metadata.brokers + metadata.broker_cnt,
                     [broker](const auto& named) { return named.id == broker; });
}

/// Empty where nothing is wrong with it.
std::string trouble_of(const rd_kafka_metadata_partition_t& partition, const rd_kafka_metadata_t& metadata) {
  if (partition.leader < 0) return "a partition has no leader";
  if (!is_named(metadata, partition.leader))
    return fmt::format("a partition is led by broker {}, which the cluster does not name", partition.leader);
  if (partition.err != RD_KAFKA_RESP_ERR_NO_ERROR) return rd_kafka_err2str(partition.err);
  return {};
}

std::optional<TopicTrouble> trouble_of(const rd_kafka_metadata_topic_t& topic, const rd_kafka_metadata_t& metadata) {
  // Records for a topic that is missing are answered, and tell it themselves.
  if (topic.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return std::nullopt;
  if (topic.err != RD_KAFKA_RESP_ERR_NO_ERROR) return TopicTrouble{rd_kafka_err2str(topic.err), topic.topic};
  if (topic.partition_cnt == 0) return TopicTrouble{"a topic has no partitions", topic.topic};
  for (int i = 0; i < topic.partition_cnt; ++i)
    if (std::string text = trouble_of(topic.partitions[i], metadata); !text.empty())
      return TopicTrouble{std::move(text), fmt::format("{} [{}]", topic.topic, topic.partitions[i].id)};
  return std::nullopt;
}

std::optional<TopicTrouble> first_trouble(const rd_kafka_metadata_t& metadata) {
  if (metadata.broker_cnt == 0) return TopicTrouble{"the cluster names no broker", {}};
  for (int i = 0; i < metadata.topic_cnt; ++i)
    if (auto trouble = trouble_of(metadata.topics[i], metadata)) return trouble;
  return std::nullopt;
}

}  // namespace

ReachedCluster reached_cluster(const rd_kafka_metadata_t& metadata, std::string_view id) {
  const std::string teller = plain_broker_name(metadata.orig_broker_name);
  ReachedCluster cluster;
  for (int i = 0; i < metadata.broker_cnt; ++i) {
    const rd_kafka_metadata_broker_t& broker = metadata.brokers[i];
    cluster.brokers.push_back({broker.host, broker.port});
    if (name_of(cluster.brokers.back()) == teller) cluster.by_one_of_them = true;
  }
  cluster.detail = teller;
  cluster.detail += metadata.broker_cnt == 1 ? ", 1 broker" : ", " + std::to_string(metadata.broker_cnt) + " brokers";
  if (is_identifier(id)) cluster.detail.append(", cluster ").append(id);
  cluster.trouble = first_trouble(metadata);
  return cluster;
}

}  // namespace pbxbridge::sink
