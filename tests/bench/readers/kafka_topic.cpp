#include "readers/kafka_topic.hpp"

#include <array>
#include <numeric>
#include <stdexcept>

namespace pbxbridge::bench {

namespace {

constexpr int watermark_patience_ms = 1000;

std::string_view text(const void* data, std::size_t size) {
  return data == nullptr ? std::string_view() : std::string_view(static_cast<const char*>(data), size);
}

void check(rd_kafka_resp_err_t error) {
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(std::string("Kafka: ") + rd_kafka_err2str(error));
}

}  // namespace

CloudEvent KafkaTopic::Record::attributes() const {
  constexpr std::string_view prefix = "ce_";
  CloudEvent attributes;
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return attributes;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
    if (std::string_view(name).starts_with(prefix)) attributes.set(name + prefix.size(), text(value, size));
  return attributes;
}

KafkaTopic::KafkaTopic(const std::string& brokers, const std::string& topic, int partitions)
    : topic_(topic), ends_(static_cast<std::size_t>(partitions)) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  std::array<char, 512> error{};
  for (const auto& [name, value] : {std::pair{"bootstrap.servers", brokers.c_str()},
                                    {"broker.address.family", "v4"},
                                    {"group.id", "pbxbridge-bench"},
                                    {"enable.auto.commit", "false"},
                                    {"reconnect.backoff.max.ms", "500"},
                                    {"check.crcs", "true"}})
    if (rd_kafka_conf_set(conf, name, value, error.data(), error.size()) != RD_KAFKA_CONF_OK)
      throw std::runtime_error(error.data());
  rd_kafka_conf_set_log_cb(conf, [](const rd_kafka_t*, int, const char*, const char*) {});
  client_ = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error.data(), error.size());
  if (client_ == nullptr) throw std::runtime_error(error.data());
  rd_kafka_poll_set_consumer(client_);
  queue_ = rd_kafka_queue_get_consumer(client_);
}

KafkaTopic::~KafkaTopic() {
  rd_kafka_queue_destroy(queue_);
  rd_kafka_consumer_close(client_);
  rd_kafka_destroy(client_);
}

std::uint64_t KafkaTopic::record_count() {
  for (std::size_t partition = 0; partition < ends_.size(); ++partition) {
    std::int64_t begin = 0;
    std::int64_t end = 0;
    if (rd_kafka_query_watermark_offsets(client_, topic_.c_str(), static_cast<std::int32_t>(partition), &begin, &end,
                                         watermark_patience_ms) == RD_KAFKA_RESP_ERR_NO_ERROR)
      ends_[partition] = end;
  }
  return static_cast<std::uint64_t>(std::accumulate(ends_.begin(), ends_.end(), std::int64_t{0}));
}

void KafkaTopic::begin() {
  auto* partitions = rd_kafka_topic_partition_list_new(static_cast<int>(ends_.size()));
  for (std::size_t partition = 0; partition < ends_.size(); ++partition)
    rd_kafka_topic_partition_list_add(partitions, topic_.c_str(), static_cast<std::int32_t>(partition))->offset = 0;
  const auto error = rd_kafka_assign(client_, partitions);
  rd_kafka_topic_partition_list_destroy(partitions);
  check(error);
}

std::size_t KafkaTopic::read(std::chrono::milliseconds patience, const std::function<void(const Record&)>& take) {
  constexpr std::size_t most = 1000;
  std::array<rd_kafka_message_t*, most> messages{};
  // One is waited for, the others are taken as they are there: a batch would wait until it is full.
  auto count = rd_kafka_consume_batch_queue(queue_, static_cast<int>(patience.count()), messages.data(), 1);
  if (count == 1) {
    const auto more = rd_kafka_consume_batch_queue(queue_, 0, messages.data() + 1, most - 1);
    if (more > 0) count += more;
  }
  std::size_t records = 0;
  for (ssize_t i = 0; i < count; ++i) {
    const auto* message = messages[static_cast<std::size_t>(i)];
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      take({text(message->payload, message->len), text(message->key, message->key_len), message->partition,
            rd_kafka_message_timestamp(message, nullptr), message});
      ++records;
    }
    rd_kafka_message_destroy(messages[static_cast<std::size_t>(i)]);
  }
  return records;
}

}  // namespace pbxbridge::bench
