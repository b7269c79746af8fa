// Events from the simulated PBX through the built pbxbridge to real brokers, read back by consumers that are not our
// code: every payload byte by byte, and the attributes with it.

#include "kafka_admin.hpp"
#include "kafka_broker.hpp"
#include "kafka_consumer.hpp"
#include "mosquitto_broker.hpp"
#include "mosquitto_subscriber.hpp"
#include "payload_way.hpp"
#include "subscriptions.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace pbxbridge::test {
namespace {

TEST(PayloadWayTest, ReachesKafkaByteByByteWithCloudEventsHeaders) {
  const std::string topic = fresh_topic_name();
  KafkaAdmin(shared_kafka()).create_topic(topic);
  Simulator simulator;
  BridgeProcess bridge(everything_of(simulator.url()) + "sinks:\n  lake: { type: kafka, brokers: [\"" + shared_kafka() +
                       "\"], attributes: full }\nroutes:\n  - match: {}\n    to: { sink: lake, topic: " + topic +
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
  MosquittoSubscriber subscriber(broker, "pbx/#");
  Simulator simulator;
  BridgeProcess bridge(
      everything_of(simulator.url()) +
      "sinks:\n  board: { type: mqtt, url: \"mqtt://127.0.0.1:" + std::to_string(broker.port()) +
      "\", format: cloudevents, attributes: full }\nroutes:\n  - match: {}\n    to: { sink: board, topic: "
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

TEST(PayloadWayTest, KeepsTheOrderOfEachKeyOverSeveralPartitions) {
  const std::string topic = fresh_topic_name();
  KafkaAdmin(shared_kafka()).create_topic(topic, 4);
  constexpr std::size_t events = 20'000;
  Simulator simulator({"--rate", "20000", "--count", std::to_string(events), "--start-after",
                       std::to_string(everything_subscriptions)});
  BridgeProcess bridge(everything_of(simulator.url()) + "sinks:\n  lake: { type: kafka, brokers: [\"" + shared_kafka() +
                       "\"], attributes: full }\nroutes:\n  - match: {}\n    to: { sink: lake, topic: " + topic +
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
