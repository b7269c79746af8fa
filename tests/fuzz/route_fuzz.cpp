// Templates of topics and keys with payloads of any kind: whatever the routing emits obeys the rules of the broker, as
// the brokers' own documents say them. The rules below are written from these and ask no code of ours.

#include "config/config.hpp"
#include "event/classifier.hpp"
#include "fuzz/check.hpp"
#include "fuzz/unicode.hpp"
#include "route/router.hpp"
#include "sink/kafka/kafka_topic_rules.hpp"
#include "sink/mqtt/mqtt_topic_rules.hpp"

#include <algorithm>
#include <fuzzer/FuzzedDataProvider.h>

using pbxbridge::fuzz::check;
using namespace pbxbridge;

namespace {

/// org.apache.kafka.common.internals.Topic.validate: 1 to 249 of [a-zA-Z0-9._-], neither "." nor "..".
void check_kafka_topic(std::string_view topic) {
  constexpr std::string_view legal = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  check(!topic.empty() && topic.size() <= 249, "a Kafka topic has 1 to 249 characters");
  check(topic.find_first_not_of(legal) == std::string_view::npos, "a Kafka topic has legal characters only");
  check(topic != "." && topic != "..", "a Kafka topic is no directory");
}

/// MQTT 5.0: 4.7.1.1 no wildcards, 4.7.3 at least one character, no U+0000, at most 65,535 bytes; 1.5.4 well-formed
/// UTF-8, and no control characters and noncharacters, which a receiver may reject.
void check_mqtt_topic(std::string_view topic) {
  check(!topic.empty() && topic.size() <= 65'535, "an MQTT topic has 1 to 65,535 bytes");
  check(topic.find_first_of("+#") == std::string_view::npos, "an MQTT topic has no wildcards");
  check(fuzz::all_code_points(
            topic, [](std::uint32_t value) { return !fuzz::is_control(value) && !fuzz::is_noncharacter(value); }),
        "an MQTT topic is text that no receiver may reject");
}

std::size_t levels(std::string_view topic) {
  return static_cast<std::size_t>(std::count(topic.begin(), topic.end(), '/'));
}

std::span<const SinkType> sink_types() {
  static const SinkType types[] = {{.name = "kafka", .topics = sink::kafka_topic_rules},
                                   {.name = "mqtt", .topics = sink::mqtt_topic_rules},
                                   {.name = "file"}};
  return types;
}

config::Config config_of(FuzzedDataProvider& input) {
  config::Config config;
  for (const auto& type : sink_types()) config.sinks[std::string(type.name)].type = type.name;
  config::DestinationConfig& to = config.routes.emplace_back().to.emplace_back();
  to.topic.value = input.ConsumeRandomLengthString(400);
  to.key.value = input.ConsumeRandomLengthString(100);
  to.fallback_topic.value = input.ConsumeRandomLengthString(100);
  if (input.ConsumeBool())
    config.routes.front().match.conditions.push_back(
        {input.ConsumeRandomLengthString(30), {input.ConsumeRandomLengthString(30)}, {}});
  return config;
}

void check_routed(const route::Routed& routed, std::string_view sink, std::string_view written) {
  check(routed.options != nullptr, "options are there");
  check(routed.key.size() <= 1024, "a key is bounded");
  check(!routed.key_missing || routed.key.empty(), "a key that cannot be made is empty");
  if (sink == "kafka") check_kafka_topic(routed.topic);
  if (sink != "mqtt") return;
  check_mqtt_topic(routed.topic);
  if (routed.fallback) return;
  check(levels(routed.topic) <= levels(written), "an event adds no level to an MQTT topic");
  if (!written.starts_with('$'))
    check(!routed.topic.starts_with('$') || written.starts_with("{"), "an event makes no $ topic");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider input(data, size);
  const std::string pbx = input.ConsumeRandomLengthString(20);
  config::Config config = config_of(input);
  const std::string payload = input.ConsumeRemainingBytesAsString();
  event::Classifier classifier;
  const auto event = classifier.classify(payload, pbx, SystemTime(std::chrono::seconds(1'764'000'000)), 1).event;

  route::Router::Scratch scratch;
  for (const auto& [name, sink] : config.sinks) {
    config::DestinationConfig& to = config.routes.front().to.front();
    to.sink.value = name;
    config::Report report;
    const auto router = route::Router::compile(config, sink_types(), report);
    if (report.has_errors()) continue;
    std::vector<route::Routed> routed;
    router->route(*event, name, scratch, routed);
    check(routed.empty() == !router->takes(*event, scratch), "what a route takes goes somewhere");
    for (const auto& each : routed) check_routed(each, name, to.topic.value);
  }
  return 0;
}
