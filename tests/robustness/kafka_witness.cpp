#include "kafka_witness.hpp"

#include "support/kafka_admin.hpp"
#include "support/wait.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

namespace pbxbridge::test {

namespace {

/// Time to read the few marks; a consumer that takes longer waits for a broker that is gone.
constexpr std::chrono::seconds reading_time{2};

}  // namespace

KafkaWitness::KafkaWitness(std::string brokers, Topic when, std::string options)
    : brokers_(std::move(brokers)),
      options_(std::move(options)),
      topic_(fresh_topic_name()),
      mark_topic_(topic_ + ".marks") {
  if (when == Topic::by_itself) return;
  if (when != Topic::marks_later) make_mark_topic();
  if (when != Topic::later) make_topic();
}

void KafkaWitness::make_mark_topic() { KafkaAdmin(brokers_).create_topic(mark_topic_); }

void KafkaWitness::make_topic(const std::map<std::string, std::string>& options) {
  constexpr int partitions = 4;
  KafkaAdmin(brokers_).create_topic(topic_, partitions, options);
}

std::string KafkaWitness::sink_entry() const {
  return "lake: { type: kafka, brokers: [" + brokers_ +
         "], attributes: full, reconnect: { initial: 50ms, maximum: 500ms }" + options_ + " }";
}

std::string KafkaWitness::destination() const {
  return "{ sink: lake, topic: " + topic_ + ", key: \"{entity|none}\" }";
}

std::string KafkaWitness::mark_destination() const { return "{ sink: lake, topic: " + mark_topic_ + ", key: mark }"; }

Arrivals KafkaWitness::arrivals() {
  Arrivals arrivals{.sink = sink(), .deliveries = {}};
  KafkaConsumer consumer(brokers_);
  for (const auto& topic : {topic_, mark_topic_})
    for (const auto& record : consumer.read(topic))
      arrivals.deliveries.push_back({topic + "/" + record.key.value_or("no key"), record.header("ce_id"),
                                     record.header("ce_sequence"), payload_hash(record.value.value_or("")),
                                     record.header("ce_redelivered") == "true"});
  return arrivals;
}

bool KafkaWitness::wait_for_mark(const std::string& text, std::chrono::milliseconds deadline) {
  std::optional<KafkaConsumer> consumer;
  return eventually(
      [&] {
        try {
          if (!consumer) consumer.emplace(brokers_);
          return std::ranges::any_of(consumer->read(mark_topic_, reading_time), [&](const KafkaRecord& record) {
            return record.value.value_or("").find(text) != std::string::npos;
          });
        } catch (const std::runtime_error&) {
          consumer.reset();
          return false;
        }
      },
      deadline);
}

}  // namespace pbxbridge::test
