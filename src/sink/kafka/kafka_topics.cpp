#include "sink/kafka/kafka_topics.hpp"

#include "memory/free_with.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

namespace pbxbridge::sink {

namespace {

using memory::FreeWith;
using NewTopic = std::unique_ptr<rd_kafka_NewTopic_t, FreeWith<rd_kafka_NewTopic_destroy>>;
using AdminOptions = std::unique_ptr<rd_kafka_AdminOptions_t, FreeWith<rd_kafka_AdminOptions_destroy>>;
using Queue = std::unique_ptr<rd_kafka_queue_t, FreeWith<rd_kafka_queue_destroy>>;
using KafkaEvent = std::unique_ptr<rd_kafka_event_t, FreeWith<rd_kafka_event_destroy>>;

// Kafka's own defaults for both.
constexpr int broker_default = -1;

constexpr std::chrono::milliseconds longest_poll{100};

NewTopic new_topic(const std::string& name, const NewTopicSettings& settings) {
  std::array<char, 256> text{};
  const int partitions = settings.partitions ? *settings.partitions : broker_default;
  const int replicas = settings.replication_factor ? *settings.replication_factor : broker_default;
  NewTopic topic(rd_kafka_NewTopic_new(name.c_str(), partitions, replicas, text.data(), text.size()));
  if (topic == nullptr) return topic;
  for (const auto& [option, value] : settings.options)
    rd_kafka_NewTopic_set_config(topic.get(), option.c_str(), value.c_str());
  return topic;
}

/// Says whether the error is no fault of the topic: the whole connect is tried again.
bool can_pass(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_NOT_CONTROLLER:
    case RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
    case RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED:
      return true;
    default:
      return false;
  }
}

std::string reason_of(rd_kafka_resp_err_t error, const char* text) {
  return text != nullptr && *text != '\0' ? text : rd_kafka_err2str(error);
}

/// Null where none came in time.
KafkaEvent next_event(rd_kafka_queue_t* queue, std::chrono::milliseconds timeout,
                      const std::function<bool()>& stopping) {
  using std::chrono::steady_clock;
  const auto deadline = steady_clock::now() + timeout;
  KafkaEvent event;
  while (event == nullptr && !stopping() && steady_clock::now() < deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now());
    event.reset(rd_kafka_queue_poll(queue, static_cast<int>(std::clamp(left, {}, longest_poll).count())));
  }
  return event;
}

Result<std::vector<TopicNotCreated>> rejected_topics(rd_kafka_event_t* event) {
  if (const auto error = rd_kafka_event_error(event); error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return Error{ErrorCategory::network,
                 "topics could not be created: " + reason_of(error, rd_kafka_event_error_string(event))};
  std::size_t count = 0;
  const auto* results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
  std::vector<TopicNotCreated> rejected;
  for (std::size_t i = 0; i < count; ++i) {
    const auto error = rd_kafka_topic_result_error(results[i]);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR || error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) continue;
    const std::string name = rd_kafka_topic_result_name(results[i]);
    const std::string reason = reason_of(error, rd_kafka_topic_result_error_string(results[i]));
    if (can_pass(error))
      return Error{ErrorCategory::network, fmt::format("topic {} could not be created: {}", name, reason)};
    rejected.push_back({name, reason});
  }
  return rejected;
}

}  // namespace

Result<std::vector<TopicNotCreated>> create_kafka_topics(rd_kafka_t* client, const KafkaSettings& settings,
                                                         std::chrono::milliseconds timeout,
                                                         const std::function<bool()>& stopping) {
  std::vector<NewTopic> owned;
  std::vector<rd_kafka_NewTopic_t*> topics;
  for (const auto& [name, topic] : settings.create_topics) {
    owned.push_back(new_topic(name, topic.value));
    if (owned.back() != nullptr) topics.push_back(owned.back().get());
  }
  if (topics.empty()) return std::vector<TopicNotCreated>{};

  std::array<char, 256> text{};
  const int milliseconds = static_cast<int>(timeout.count());
  const AdminOptions options(rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_CREATETOPICS));
  rd_kafka_AdminOptions_set_request_timeout(options.get(), milliseconds, text.data(), text.size());
  rd_kafka_AdminOptions_set_operation_timeout(options.get(), milliseconds, text.data(), text.size());
  const Queue queue(rd_kafka_queue_new(client));
  rd_kafka_CreateTopics(client, topics.data(), topics.size(), options.get(), queue.get());
  const KafkaEvent event = next_event(queue.get(), timeout, stopping);
  if (event == nullptr) return Error{ErrorCategory::network, "topics could not be created: no broker answered in time"};
  return rejected_topics(event.get());
}

}  // namespace pbxbridge::sink
