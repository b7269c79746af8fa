#include "sink/kafka/kafka_cluster_view.hpp"

#include "memory/free_with.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <memory>

namespace pbxbridge::sink {

namespace {

using memory::FreeWith;
using Metadata = std::unique_ptr<const rd_kafka_metadata_t, FreeWith<rd_kafka_metadata_destroy>>;
using AdminOptions = std::unique_ptr<rd_kafka_AdminOptions_t, FreeWith<rd_kafka_AdminOptions_destroy>>;
using Queue = std::unique_ptr<rd_kafka_queue_t, FreeWith<rd_kafka_queue_destroy>>;
using KafkaEvent = std::unique_ptr<rd_kafka_event_t, FreeWith<rd_kafka_event_destroy>>;
using Resource = std::unique_ptr<rd_kafka_ConfigResource_t, FreeWith<rd_kafka_ConfigResource_destroy>>;

KafkaTopicFacts facts_of(const rd_kafka_metadata_topic& topic) {
  constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
  KafkaTopicFacts facts{static_cast<std::size_t>(topic.partition_cnt), none, none};
  for (int i = 0; i < topic.partition_cnt; ++i) {
    const rd_kafka_metadata_partition& partition = topic.partitions[i];
    facts.fewest_replicas = std::min(facts.fewest_replicas, static_cast<std::size_t>(partition.replica_cnt));
    facts.fewest_in_sync = std::min(facts.fewest_in_sync, static_cast<std::size_t>(partition.isr_cnt));
    facts.lacks_leader = facts.lacks_leader || partition.leader < 0;
  }
  return facts;
}

std::map<std::string, std::string> settings_of(const rd_kafka_ConfigResource_t* resource) {
  std::map<std::string, std::string> settings;
  std::size_t count = 0;
  const rd_kafka_ConfigEntry_t** const entries = rd_kafka_ConfigResource_configs(resource, &count);
  for (std::size_t i = 0; i < count; ++i)
    if (const char* const value = rd_kafka_ConfigEntry_value(entries[i]); value != nullptr)
      settings.emplace(rd_kafka_ConfigEntry_name(entries[i]), value);
  return settings;
}

}  // namespace

Result<KafkaClusterView> view_of_cluster(rd_kafka_t* client, std::chrono::milliseconds limit) {
  const rd_kafka_metadata_t* read = nullptr;
  constexpr int all_topics = 1;
  const auto error = rd_kafka_metadata(client, all_topics, nullptr, &read, static_cast<int>(limit.count()));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return Error{ErrorCategory::network, rd_kafka_err2str(error)};
  const Metadata metadata(read);
  KafkaClusterView view;
  for (int i = 0; i < metadata->broker_cnt; ++i)
    view.brokers.push_back({metadata->brokers[i].host, metadata->brokers[i].port});
  for (int i = 0; i < metadata->topic_cnt; ++i)
    if (metadata->topics[i].partition_cnt > 0) view.topics[metadata->topics[i].topic] = facts_of(metadata->topics[i]);
  return view;
}

std::map<std::string, Result<std::map<std::string, std::string>>> topic_settings(rd_kafka_t* client,
                                                                                 const std::vector<std::string>& topics,
                                                                                 std::chrono::milliseconds limit) {
  std::map<std::string, Result<std::map<std::string, std::string>>> settings;
  std::vector<Resource> owned;
  std::vector<rd_kafka_ConfigResource_t*> resources;
  for (const std::string& topic : topics) {
    settings.emplace(topic, Error{ErrorCategory::network, "no broker told its settings in time"});
    owned.emplace_back(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
    if (owned.back() != nullptr) resources.push_back(owned.back().get());
  }
  if (resources.empty()) return settings;

  std::array<char, 256> text{};
  const auto milliseconds = static_cast<int>(limit.count());
  const AdminOptions options(rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS));
  rd_kafka_AdminOptions_set_request_timeout(options.get(), milliseconds, text.data(), text.size());
  const Queue queue(rd_kafka_queue_new(client));
  rd_kafka_DescribeConfigs(client, resources.data(), resources.size(), options.get(), queue.get());
  const KafkaEvent event(rd_kafka_queue_poll(queue.get(), milliseconds));
  const auto* const result = event ? rd_kafka_event_DescribeConfigs_result(event.get()) : nullptr;
  if (result == nullptr || rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) return settings;
  std::size_t count = 0;
  const auto* const* const described = rd_kafka_DescribeConfigs_result_resources(result, &count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto error = rd_kafka_ConfigResource_error(described[i]);
    auto& of_topic = settings.at(rd_kafka_ConfigResource_name(described[i]));
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
      of_topic = settings_of(described[i]);
    else
      of_topic = Error{ErrorCategory::rejected, rd_kafka_err2str(error)};
  }
  return settings;
}

}  // namespace pbxbridge::sink
