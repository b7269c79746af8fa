#include "kafka_admin.hpp"

#include "wait.hpp"

#include <memory>
#include <random>
#include <stdexcept>

namespace pbxbridge::test {

namespace {

constexpr int admin_milliseconds = 20'000;

struct Destroy {
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
  void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
  void operator()(rd_kafka_NewTopic_t* topic) const { rd_kafka_NewTopic_destroy(topic); }
  void operator()(rd_kafka_DeleteTopic_t* topic) const { rd_kafka_DeleteTopic_destroy(topic); }
};

void check_results(rd_kafka_event_t* event, const rd_kafka_topic_result_t* const* results, std::size_t count) {
  if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR)
    throw std::runtime_error(std::string("Kafka: ") + rd_kafka_event_error_string(event));
  for (std::size_t i = 0; i < count; ++i)
    if (rd_kafka_topic_result_error(results[i]) != RD_KAFKA_RESP_ERR_NO_ERROR)
      throw std::runtime_error(std::string("topic ") + rd_kafka_topic_result_name(results[i]) + ": " +
                               rd_kafka_err2str(rd_kafka_topic_result_error(results[i])));
}

}  // namespace

KafkaAdmin::KafkaAdmin(const std::string& brokers) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char text[512];
  for (const auto& [name, value] : {std::pair{"bootstrap.servers", brokers.c_str()}, {"broker.address.family", "v4"}})
    if (rd_kafka_conf_set(conf, name, value, text, sizeof(text)) != RD_KAFKA_CONF_OK) throw std::runtime_error(text);
  rd_kafka_conf_set_log_cb(conf, [](const rd_kafka_t*, int, const char*, const char*) {});
  client_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof(text));
  if (client_ == nullptr) throw std::runtime_error(text);
}

KafkaAdmin::~KafkaAdmin() { rd_kafka_destroy(client_); }

bool KafkaAdmin::answers(std::chrono::milliseconds deadline) {
  const rd_kafka_metadata_t* metadata = nullptr;
  const bool answered = rd_kafka_metadata(client_, 0, nullptr, &metadata, static_cast<int>(deadline.count())) ==
                        RD_KAFKA_RESP_ERR_NO_ERROR;
  const bool has_broker = answered && metadata->broker_cnt > 0;
  if (answered) rd_kafka_metadata_destroy(metadata);
  return has_broker;
}

void KafkaAdmin::create_topic(const std::string& name, int partition_count,
                              const std::map<std::string, std::string>& options) {
  constexpr int replicas_by_default = -1;
  char text[512];
  const std::unique_ptr<rd_kafka_NewTopic_t, Destroy> topic(
      rd_kafka_NewTopic_new(name.c_str(), partition_count, replicas_by_default, text, sizeof(text)));
  if (topic == nullptr) throw std::runtime_error(text);
  for (const auto& [option, value] : options) rd_kafka_NewTopic_set_config(topic.get(), option.c_str(), value.c_str());
  const std::unique_ptr<rd_kafka_queue_t, Destroy> queue(rd_kafka_queue_new(client_));
  auto* wanted = topic.get();
  rd_kafka_CreateTopics(client_, &wanted, 1, nullptr, queue.get());
  const std::unique_ptr<rd_kafka_event_t, Destroy> event(rd_kafka_queue_poll(queue.get(), admin_milliseconds));
  if (event == nullptr) throw std::runtime_error("Kafka did not answer");
  std::size_t count = 0;
  const auto* results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  check_results(event.get(), results, count);
  if (!eventually([&] { return partitions(name) == partition_count; }))
    throw std::runtime_error("topic " + name + " was created and is not there");
}

void KafkaAdmin::delete_topic(const std::string& name) {
  const std::unique_ptr<rd_kafka_DeleteTopic_t, Destroy> topic(rd_kafka_DeleteTopic_new(name.c_str()));
  const std::unique_ptr<rd_kafka_queue_t, Destroy> queue(rd_kafka_queue_new(client_));
  auto* unwanted = topic.get();
  rd_kafka_DeleteTopics(client_, &unwanted, 1, nullptr, queue.get());
  const std::unique_ptr<rd_kafka_event_t, Destroy> event(rd_kafka_queue_poll(queue.get(), admin_milliseconds));
  if (event == nullptr) throw std::runtime_error("Kafka did not answer");
  std::size_t count = 0;
  const auto* results = rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event.get()), &count);
  check_results(event.get(), results, count);
  if (!eventually([&] { return partitions(name) == 0; }))
    throw std::runtime_error("topic " + name + " was deleted and is still there");
}

int KafkaAdmin::partitions(const std::string& topic) {
  // All topics are asked for: asked by its name, a broker would create it.
  const rd_kafka_metadata_t* metadata = nullptr;
  if (const auto error = rd_kafka_metadata(client_, 1, nullptr, &metadata, admin_milliseconds))
    throw std::runtime_error(std::string("Kafka: ") + rd_kafka_err2str(error));
  int count = 0;
  for (int i = 0; i < metadata->topic_cnt; ++i)
    if (topic == metadata->topics[i].topic) count = metadata->topics[i].partition_cnt;
  rd_kafka_metadata_destroy(metadata);
  return count;
}

std::string fresh_topic_name() {
  std::random_device random;
  return "pbxbridge.test." + std::to_string(random()) + std::to_string(random());
}

}  // namespace pbxbridge::test
