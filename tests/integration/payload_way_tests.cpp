// From the simulated PBX through the built pbxbridge to real brokers, read back by consumers that are not our code:
// every payload byte by byte, and what stands beside it.

#include "bridge_process.hpp"
#include "kafka_admin.hpp"
#include "kafka_broker.hpp"
#include "kafka_consumer.hpp"
#include "mosquitto_broker.hpp"
#include "mosquitto_subscriber.hpp"
#include "simulator.hpp"
#include "subscriptions.hpp"
#include "untidy_payloads.hpp"
#include "wait.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <map>
#include <set>

namespace pbxbridge::test {
namespace {

/// Pushes every payload to a bridge that is subscribed; returns them in that order.
std::vector<std::string> push_everything(Simulator& simulator, BridgeProcess& bridge) {
  EXPECT_TRUE(
      bridge.wait_for_metric(R"(pbxbridge_pbx_subscriptions{pbx="hq",state="granted"})", everything_subscriptions))
      << bridge.process().transcript();
  std::vector<std::string> payloads = sample_payloads();
  EXPECT_EQ(payloads.size(), 18U);
  for (auto& untidy : untidy_payloads()) payloads.push_back(std::move(untidy));
  for (const auto& payload : payloads) simulator.command("push-hex " + to_hex(payload));
  return payloads;
}

/// The samples and untidy payloads among what arrived: the simulator's snapshots came before them.
std::vector<std::string> last(const std::vector<std::string>& arrived, std::size_t count) {
  if (arrived.size() < count) return arrived;
  return {arrived.end() - static_cast<std::ptrdiff_t>(count), arrived.end()};
}

void expect_same(const std::vector<std::string>& arrived, const std::vector<std::string>& pushed) {
  ASSERT_EQ(arrived.size(), pushed.size());
  for (std::size_t i = 0; i < pushed.size(); ++i)
    EXPECT_TRUE(arrived[i] == pushed[i]) << "payload " << i << ": " << arrived[i].substr(0, 200);
}

double delivered(BridgeProcess& bridge, const std::string& sink) {
  return bridge.metric("pbxbridge_events_delivered_total{sink=\"" + sink + "\"}");
}

double accepted(BridgeProcess& bridge) {
  double sum = 0;
  for (const char* family :
       {"extension_management", "extension", "cdr", "queue_management", "queue", "trunk", "unknown"})
    sum += bridge.metric("pbxbridge_events_accepted_total{family=\"" + std::string(family) + "\",pbx=\"hq\"}");
  return sum;
}

[[nodiscard]] bool wait_until_all_is_delivered(BridgeProcess& bridge, const std::string& sink, std::size_t at_least) {
  return eventually([&] {
    const double events = accepted(bridge);
    return events >= static_cast<double>(at_least) && delivered(bridge, sink) == events;
  });
}

TEST(PayloadWayTest, ReachesKafkaByteByByteWithCloudEventsHeaders) {
  const std::string topic = fresh_topic_name();
  KafkaAdmin(shared_kafka()).create_topic(topic);
  Simulator simulator;
  BridgeProcess bridge(everything_of(simulator.url()) + "sinks:\n  lake: { type: kafka, brokers: [\"" + shared_kafka() +
                       "\"] }\nroutes:\n  - match: {}\n    to: { sink: lake, topic: " + topic +
                       ", key: \"{entity|none}\" }\n");
  const auto pushed = push_everything(simulator, bridge);
  ASSERT_TRUE(wait_until_all_is_delivered(bridge, "lake", pushed.size())) << bridge.process().transcript();

  KafkaConsumer consumer(shared_kafka());
  const auto records = consumer.read(topic);
  std::vector<std::string> payloads;
  std::set<std::string> ids;
  for (const auto& record : records) {
    payloads.push_back(record.value.value_or(""));
    EXPECT_EQ(record.header("ce_specversion"), "1.0");
    EXPECT_EQ(record.header("ce_source"), "/pbx/hq");
    EXPECT_EQ(record.header("ce_pbx"), "hq");
    EXPECT_TRUE(ids.insert(record.header("ce_id")).second) << "an id came twice";
  }
  expect_same(last(payloads, pushed.size()), pushed);
  std::map<std::string, KafkaRecord> by_type;
  for (const auto& record : records) by_type[record.header("ce_type")] = record;
  const KafkaRecord& call = by_type.at("com.portsip.pbx.call_update_info");
  EXPECT_EQ(call.key, "710000000000009000");
  EXPECT_EQ(call.header("ce_subject"), "710000000000009000");
  EXPECT_EQ(call.header("ce_family"), "cdr");
  EXPECT_EQ(call.header("ce_tenant"), "710000000000000001");
  EXPECT_EQ(call.header("ce_time"), "2025-11-24T16:00:50Z");
  EXPECT_EQ(call.header("content-type"), "application/json");
  EXPECT_TRUE(by_type.contains("com.portsip.pbx.fax_received"));
  EXPECT_EQ(bridge.stop(), 0);
}

TEST(PayloadWayTest, ReachesMqttByteByByteWithUserProperties) {
  MosquittoBroker broker;
  broker.start();
  MosquittoSubscriber subscriber(broker, "pbx/#");
  Simulator simulator;
  BridgeProcess bridge(everything_of(simulator.url()) +
                       "sinks:\n  board: { type: mqtt, url: \"mqtt://127.0.0.1:" + std::to_string(broker.port()) +
                       "\", format: cloudevents }\nroutes:\n  - match: {}\n    to: { sink: board, topic: "
                       "\"pbx/{pbx}/{family}/{entity|none}/{event_type|none}\" }\n");
  const auto pushed = push_everything(simulator, bridge);
  ASSERT_TRUE(wait_until_all_is_delivered(bridge, "board", pushed.size())) << bridge.process().transcript();

  const auto count = static_cast<std::size_t>(accepted(bridge));
  std::vector<std::string> payloads;
  std::map<std::string, ReceivedMessage> by_topic;
  for (const auto& message : subscriber.wait_for(count)) {
    payloads.push_back(message.payload);
    by_topic[message.topic] = message;
    EXPECT_EQ(message.user_properties.at("specversion"), "1.0");
    EXPECT_EQ(message.qos, 1);
  }
  expect_same(last(payloads, pushed.size()), pushed);
  ASSERT_TRUE(by_topic.contains("pbx/hq/cdr/710000000000009000/call_start"));
  const ReceivedMessage& call = by_topic.at("pbx/hq/cdr/710000000000009000/call_start");
  EXPECT_EQ(call.user_properties.at("subject"), "710000000000009000");
  EXPECT_EQ(call.content_type, "application/json");
  EXPECT_TRUE(by_topic.contains("pbx/hq/cdr/___/call_start")) << "wildcards and separators in data are made safe";
  EXPECT_EQ(bridge.stop(), 0);
}

TEST(PayloadWayTest, ReachesAFileOneLineEach) {
  TemporaryDirectory directory;
  const auto path = directory / "events.ndjson";
  Simulator simulator;
  BridgeProcess bridge(everything_of(simulator.url()) + "sinks:\n  log: { type: file, path: " + path.string() +
                       " }\nroutes:\n  - match: {}\n    to: { sink: log }\n");
  const auto pushed = push_everything(simulator, bridge);
  ASSERT_TRUE(wait_until_all_is_delivered(bridge, "log", pushed.size())) << bridge.process().transcript();
  EXPECT_EQ(bridge.stop(), 0);

  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  ASSERT_GE(lines.size(), pushed.size());
  lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(pushed.size()));
  for (std::size_t i = 0; i < 18; ++i)
    EXPECT_EQ(nlohmann::json::parse(lines[i]).at("data"), nlohmann::json::parse(pushed[i])) << "payload " << i;
}

TEST(PayloadWayTest, KeepsTheOrderOfEachKeyOverSeveralPartitions) {
  const std::string topic = fresh_topic_name();
  KafkaAdmin(shared_kafka()).create_topic(topic, 4);
  constexpr std::size_t events = 20'000;
  Simulator simulator({"--rate", "20000", "--count", std::to_string(events), "--start-after",
                       std::to_string(everything_subscriptions)});
  BridgeProcess bridge(everything_of(simulator.url()) + "sinks:\n  lake: { type: kafka, brokers: [\"" + shared_kafka() +
                       "\"] }\nroutes:\n  - match: {}\n    to: { sink: lake, topic: " + topic +
                       ", key: \"{entity|none}\" }\n");
  ASSERT_TRUE(wait_until_all_is_delivered(bridge, "lake", events)) << bridge.process().transcript();

  KafkaConsumer consumer(shared_kafka());
  std::map<std::string, std::string> last_sequence;
  std::map<std::string, int> partition;
  std::set<std::string> ids;
  for (const auto& record : consumer.read_at_least(topic, events)) {
    ids.insert(record.header("ce_id"));
    const std::string key = record.key.value_or("");
    std::string& before = last_sequence[key];
    EXPECT_LT(before, record.header("ce_sequence")) << "order of key " << key;
    before = record.header("ce_sequence");
    EXPECT_EQ(partition.try_emplace(key, record.partition).first->second, record.partition);
  }
  EXPECT_EQ(ids.size(), static_cast<std::size_t>(accepted(bridge)));
  EXPECT_GT(last_sequence.size(), 10U);
}

TEST(PayloadWayTest, ADeadBrokerStallsNeitherThePbxNorTheOtherSink) {
  MosquittoBroker broker;
  broker.start();
  MosquittoSubscriber subscriber(broker, "pbx/#");
  Simulator simulator;
  BridgeProcess bridge(everything_of(simulator.url()) +
                       "sinks:\n  dead: { type: kafka, brokers: [\"127.0.0.1:9\"] }\n" +
                       "  board: { type: mqtt, url: \"mqtt://127.0.0.1:" + std::to_string(broker.port()) +
                       "\" }\nroutes:\n  - match: {}\n    to:\n      - { sink: dead, topic: t }\n"
                       "      - { sink: board, topic: \"pbx/{family}\" }\n");
  const auto pushed = push_everything(simulator, bridge);
  ASSERT_TRUE(wait_until_all_is_delivered(bridge, "board", pushed.size())) << bridge.process().transcript();
  EXPECT_EQ(delivered(bridge, "dead"), 0);
  EXPECT_EQ(bridge.get("/readyz"), "ready\n") << "a broker's trouble must not take the process out";
  EXPECT_EQ(bridge.metric(R"(pbxbridge_sink_lag_events{sink="dead"})"), accepted(bridge));
}

}  // namespace
}  // namespace pbxbridge::test
