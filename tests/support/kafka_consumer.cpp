#include "kafka_consumer.hpp"

#include "wait.hpp"

#include <algorithm>
#include <memory>
#include <set>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace pbxbridge::test {

namespace {

struct DestroyPart {
  void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
  void operator()(rd_kafka_topic_partition_list_t* list) const { rd_kafka_topic_partition_list_destroy(list); }
};

int milliseconds_until(std::chrono::steady_clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::max<std::int64_t>(0, left.count()));
}

void check(rd_kafka_resp_err_t error, const std::string& what) {
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(what + ": " + rd_kafka_err2str(error));
}

std::optional<std::string> bytes(const void* data, std::size_t size) {
  if (data == nullptr) return std::nullopt;
  return std::string(static_cast<const char*>(data), size);
}

KafkaRecord record_of(const rd_kafka_message_t& message) {
  KafkaRecord record;
  record.topic = rd_kafka_topic_name(message.rkt);
  record.partition = message.partition;
  record.offset = message.offset;
  record.timestamp_ms = rd_kafka_message_timestamp(&message, nullptr);
  record.key = bytes(message.key, message.key_len);
  record.value = bytes(message.payload, message.len);
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return record;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
    record.headers.emplace_back(name, bytes(value, size).value_or(std::string()));
  return record;
}

}  // namespace

std::string KafkaRecord::header(const std::string& name) const {
  const auto found = std::ranges::find(headers, name, &std::pair<std::string, std::string>::first);
  return found == headers.end() ? std::string() : found->second;
}

KafkaConsumer::KafkaConsumer(const std::string& brokers) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char text[512];
  for (const auto& [name, value] : {std::pair{"bootstrap.servers", brokers.c_str()},
                                    {"broker.address.family", "v4"},
                                    {"group.id", "pbxbridge-test"},
                                    {"enable.auto.commit", "false"},
                                    {"fetch.wait.max.ms", "50"}})
    if (rd_kafka_conf_set(conf, name, value, text, sizeof(text)) != RD_KAFKA_CONF_OK) throw std::runtime_error(text);
  rd_kafka_conf_set_log_cb(conf, [](const rd_kafka_t*, int, const char*, const char*) {});
  client_ = rd_kafka_new(RD_KAFKA_CONSUMER, conf, text, sizeof(text));
  if (client_ == nullptr) throw std::runtime_error(text);
  rd_kafka_poll_set_consumer(client_);
}

KafkaConsumer::~KafkaConsumer() {
  rd_kafka_consumer_close(client_);
  rd_kafka_destroy(client_);
}

std::map<int, std::int64_t> KafkaConsumer::ends(const std::string& topic, Deadline deadline) {
  const rd_kafka_metadata_t* metadata = nullptr;
  check(rd_kafka_metadata(client_, 1, nullptr, &metadata, milliseconds_until(deadline)), "topic " + topic);
  const std::unique_ptr<rd_kafka_topic_partition_list_t, DestroyPart> partitions(rd_kafka_topic_partition_list_new(1));
  for (int i = 0; i < metadata->topic_cnt; ++i)
    if (topic == metadata->topics[i].topic)
      for (int j = 0; j < metadata->topics[i].partition_cnt; ++j)
        rd_kafka_topic_partition_list_add(partitions.get(), topic.c_str(), metadata->topics[i].partitions[j].id)
            ->offset = RD_KAFKA_OFFSET_END;
  rd_kafka_metadata_destroy(metadata);
  std::map<int, std::int64_t> ends;
  if (partitions->cnt == 0) return ends;
  // rd_kafka_query_watermark_offsets of librdkafka 2.0.2 waits for a dead broker without end, whatever its timeout is.
  check(rd_kafka_offsets_for_times(client_, partitions.get(), milliseconds_until(deadline)), "topic " + topic);
  for (int i = 0; i < partitions->cnt; ++i) {
    check(partitions->elems[i].err, "topic " + topic);
    ends[partitions->elems[i].partition] = partitions->elems[i].offset;
  }
  return ends;
}

std::vector<KafkaRecord> KafkaConsumer::read(const std::string& topic, std::chrono::milliseconds time) {
  const auto deadline = std::chrono::steady_clock::now() + time;
  const auto partition_ends = ends(topic, deadline);
  const std::unique_ptr<rd_kafka_topic_partition_list_t, DestroyPart> assignment(
      rd_kafka_topic_partition_list_new(static_cast<int>(partition_ends.size())));
  std::set<int> unread;  // whose newest record has not come; a compacted one has fewer than its offsets
  for (const auto& [partition, end] : partition_ends) {
    if (end > 0) unread.insert(partition);
    rd_kafka_topic_partition_list_add(assignment.get(), topic.c_str(), partition)->offset = 0;
  }
  check(rd_kafka_assign(client_, assignment.get()), "topic " + topic);

  std::vector<KafkaRecord> records;
  while (!unread.empty()) {
    const std::unique_ptr<rd_kafka_message_t, DestroyPart> message(
        rd_kafka_consumer_poll(client_, milliseconds_until(deadline)));
    if (message == nullptr)
      throw std::runtime_error("topic " + topic + " could not be read to its end in time: after " +
                               std::to_string(records.size()) + " records");
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;  // an error of one fetch; the next one shows more
    const auto end = partition_ends.at(message->partition);
    if (message->offset < end) records.push_back(record_of(*message));
    if (message->offset >= end - 1) unread.erase(message->partition);
  }
  rd_kafka_assign(client_, nullptr);
  std::ranges::sort(records, {}, [](const KafkaRecord& record) { return std::tie(record.partition, record.offset); });
  return records;
}

std::vector<KafkaRecord> KafkaConsumer::read_at_least(const std::string& topic, std::size_t count,
                                                      std::chrono::milliseconds time) {
  std::vector<KafkaRecord> records;
  (void)eventually(
      [&] {
        records = read(topic, time);
        return records.size() >= count;
      },
      time);
  return records;
}

}  // namespace pbxbridge::test
