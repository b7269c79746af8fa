// Brokers that do not take everything: what they take comes, what they reject is in the dead letters.

#include "duplicates.hpp"
#include "kafka_witness.hpp"
#include "mqtt_witness.hpp"
#include "scenario.hpp"
#include "support/kafka_broker.hpp"
#include "support/wait.hpp"

#include <gtest/gtest.h>

#include <set>

namespace pbxbridge::test {
namespace {

using namespace std::chrono_literals;

double rejected(Scenario& scenario, const std::string& sink) {
  return scenario.bridge().metric("pbxbridge_events_rejected_total{sink=\"" + sink + "\"}");
}

/// Kafka rejects a whole batch for one record in it. What is sent again then comes after later records of its key that
/// were on their way already.
TEST(Rejection, AMessageTooLargeHoldsNoOtherBack) {
  constexpr std::size_t limit = 20'000;
  constexpr int large_events = 5;
  MosquittoBroker mosquitto({.config = {"max_packet_size " + std::to_string(limit)}});
  KafkaWitness kafka(shared_kafka(), KafkaWitness::Topic::later);
  kafka.make_topic({{"max.message.bytes", std::to_string(limit)}});
  MqttWitness mqtt(mosquitto);
  Scenario scenario({.fault = "message too large"}, {&kafka, &mqtt});
  scenario.start_bridge();
  ASSERT_TRUE(scenario.wait_until_subscribed());
  std::set<std::string> large;
  for (int i = 0; i < large_events; ++i) {
    const auto event = R"({"event_type":"call_start","session_id":")" + std::to_string(i) + R"(","text":")" +
                       std::string(2 * limit, 'x') + "\"}";
    scenario.pbx().command("push " + event);
    large.insert(payload_hash(event));
  }
  for (const char* sink : {"lake", "board"})
    EXPECT_TRUE(eventually([&] { return rejected(scenario, sink) == large_events; }, 60s))
        << rejected(scenario, sink) << " rejected by " << sink;
  scenario.expect_recovery();
  scenario.expect_nothing_lost({.duplicates = duplicates_of_a_connection,
                                .rejected = [&](const Push& push) { return large.contains(push.hash); },
                                .reordered = true});
}

TEST(Rejection, AnMqttTopicThatMayNotBeWritten) {
  MosquittoBroker mosquitto({.users = {{"bridge", "sesame"}},
                             .acl = "user bridge\ntopic deny pbx/hq/cdr/#\ntopic write pbx/#\n"
                                    "topic write marks\ntopic write pbxbridge/#\n"});
  MqttWitness mqtt(mosquitto, ", username: bridge, password: sesame");
  Scenario scenario({.fault = "ACL rejection (MQTT 5)"}, {&mqtt});
  scenario.start_bridge();
  ASSERT_TRUE(scenario.wait_for_deliveries("board", 500));
  EXPECT_GT(rejected(scenario, "board"), 0);
  scenario.expect_recovery();
  scenario.expect_nothing_lost({.rejected = [](const Push& push) { return push.topic == "cdr_events"; }});
}

TEST(Rejection, AKafkaTopicThatAppearsLater) {
  KafkaWitness kafka(shared_kafka(), KafkaWitness::Topic::later);
  Scenario scenario({.fault = "unknown topic that appears later"}, {&kafka});
  scenario.start_bridge();
  EXPECT_TRUE(eventually([&] { return scenario.lag("lake") >= 2000; }, 60s)) << scenario.lag("lake");
  kafka.make_topic();
  scenario.expect_recovery();
  scenario.expect_nothing_lost({.duplicates = duplicates_of_a_connection});
}

/// An event of a topic that is missing is tried again: many more pass it than are read ahead, and after a kill they are
/// not delivered again with it.
TEST(Rejection, OneMissingTopicHoldsUpNoOtherAndOverAKillNoneIsDeliveredAgain) {
  KafkaWitness kafka(shared_kafka(), KafkaWitness::Topic::marks_later);
  Scenario scenario({.fault = "one topic missing while 25,000 events of others come, kill -9", .events_a_second = 3000},
                    {&kafka});
  scenario.start_bridge();
  ASSERT_TRUE(scenario.wait_for_deliveries("lake", 100));
  scenario.pbx().command(R"(push {"event_type":"recovery_mark","text":"early"})");
  ASSERT_TRUE(scenario.wait_for_deliveries("lake", 25'000))
      << scenario.lag("lake") << scenario.bridge().process().transcript();
  EXPECT_TRUE(scenario.bridge().wait_for_log("sink.retrying"));
  scenario.kill_bridge();
  scenario.start_bridge();
  ASSERT_TRUE(scenario.wait_for_deliveries("lake", 3000));
  EXPECT_FALSE(kafka.wait_for_mark("early", 0s));
  kafka.make_mark_topic();
  EXPECT_TRUE(kafka.wait_for_mark("early", 60s));
  scenario.expect_recovery();
  scenario.expect_nothing_lost({.duplicates = duplicates_of_a_kill * 3});
}

TEST(Rejection, AnMqttSessionThatATwinTakesOver) {
  MosquittoBroker mosquitto;
  MqttWitness mqtt(mosquitto, ", client_id: twin");
  Scenario scenario({.fault = "MQTT session taken over by a twin"}, {&mqtt});
  scenario.start_bridge();
  ASSERT_TRUE(scenario.wait_for_deliveries("board", 300));
  Process twin({"mosquitto_pub", "-V", "5", "-h", "127.0.0.1", "-p", std::to_string(mosquitto.port()), "-i", "twin",
                "-t", "elsewhere", "-m", "here I am"});
  ASSERT_EQ(twin.wait(), 0) << twin.transcript();
  EXPECT_TRUE(scenario.bridge().wait_for_log("sink.connection_lost"));
  scenario.expect_recovery();
  scenario.expect_nothing_lost({.duplicates = duplicates_of_a_connection});
}

}  // namespace
}  // namespace pbxbridge::test
