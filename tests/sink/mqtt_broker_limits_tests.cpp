// Limits that a broker announces, and what it does not take.

#include "mqtt/protocol.hpp"
#include "sink/mqtt/mqtt_outcomes.hpp"
#include "sink/mqtt_scripted_broker.hpp"
#include "sink/mqtt_sink_fixture.hpp"
#include "support/mosquitto_broker.hpp"
#include "support/wait.hpp"

#include <gmock/gmock.h>

namespace pbxbridge::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using enum Outcome::Kind;

using MqttBrokerLimitsTest = MqttConnectionTest;

TEST_F(MqttBrokerLimitsTest, KeepsTheStatusTopicWithinTheBrokersPacketSize) {
  ScriptedMqttBroker broker(loop_.executor());
  broker.connect_properties = std::string("\x27\0\0\0\x20", 5);  // Maximum Packet Size: 32
  auto& sink = run("{" + url("mqtt", "127.0.0.1", broker.port()) + "}");
  ASSERT_TRUE(sink.connected()) << sink.loss();
  EXPECT_EQ(sink.outcome_of(make_delivery(1, "pbx", "{}")).kind, delivered);
  EXPECT_EQ(sink.outcome_of(make_delivery(2, "pbx", small_payload)).kind, reject);
  EXPECT_THAT(broker.messages, testing::ElementsAre(testing::Field(&ScriptedMqttBroker::Message::topic, "pbx")));
  EXPECT_THAT(sink.observer.notices, testing::ElementsAre(AllOf(HasSubstr("status topic"), HasSubstr("too large"))));
  EXPECT_TRUE(sink.close());
}

TEST_F(MqttBrokerLimitsTest, KeepsToTheLimitsOfTheSettings) {
  ScriptedMqttBroker broker(loop_.executor());
  auto& sink = run("{" + url("mqtt", "127.0.0.1", broker.port()) +
                   ", prefix: '', limits: {topic_bytes: 10, topic_levels: 2, packet_size: 200B}}");
  ASSERT_TRUE(sink.connected()) << sink.loss();
  EXPECT_EQ(sink.outcome_of(make_delivery(1, "pbx/queue", small_payload)).kind, delivered);
  EXPECT_THAT(sink.outcome_of(make_delivery(2, "pbx/queues/1", small_payload)).reason, HasSubstr("10 bytes"));
  EXPECT_THAT(sink.outcome_of(make_delivery(3, "p/q/r", small_payload)).reason, HasSubstr("3 levels"));
  EXPECT_THAT(sink.outcome_of(make_delivery(4, "pbx", std::string(200, 'x'))).reason, HasSubstr("packet too large"));
}

TEST_F(MqttBrokerLimitsTest, GivesTheOutcomeOfEachRejectionWithTheBrokersWords) {
  ScriptedMqttBroker broker(loop_.executor());
  auto& sink = run("{" + url("mqtt", "127.0.0.1", broker.port()) + "}");
  ASSERT_TRUE(sink.connected()) << sink.loss();
  for (const auto& row : sink::publish_reasons()) {
    if (row.code == mqtt::reason::qos_not_supported) continue;  // says something of the broker
    broker.acknowledge = [&](const auto&) {
      return ScriptedMqttBroker::Acknowledgement{static_cast<std::uint8_t>(row.code), "because"};
    };
    const auto outcome = sink.outcome_of(make_delivery(static_cast<std::uint64_t>(row.code), "pbx", small_payload));
    EXPECT_EQ(outcome.kind, row.kind) << row.text;
    const bool says_why = row.kind != delivered && mqtt_client() == "native";  // Paho drops the broker's words
    EXPECT_EQ(outcome.peer_words, says_why ? "because" : "") << outcome.reason;
  }
}

TEST_F(MqttBrokerLimitsTest, TakesManyAcknowledgementsThatAreCutAnywhere) {
  ScriptedMqttBroker broker(loop_.executor());
  broker.is_silent = true;
  auto& sink = run("{" + url("mqtt", "127.0.0.1", broker.port()) + ", prefix: ''}");
  ASSERT_TRUE(sink.connected()) << sink.loss();
  constexpr std::uint64_t many = 500;
  for (std::uint64_t token = 1; token <= many; ++token)
    ASSERT_TRUE(sink.deliver(make_delivery(token, "pbx", small_payload)));
  ASSERT_TRUE(loop_.run_until([&] { return broker.messages.size() == many; }));
  std::string acknowledgements;
  for (const std::string& identifier : broker.identifiers) acknowledgements += "\x40\x02" + identifier;
  for (std::size_t at = 0; at < acknowledgements.size(); at += 199) {
    broker.send(acknowledgements.substr(at, 199));
    ASSERT_TRUE(loop_.run_until(
        [&] { return sink.observer.count(delivered) >= std::min(acknowledgements.size(), at + 199) / 4; }, 5s));
  }
}

TEST_F(MqttBrokerLimitsTest, GoesOnWithoutAStatusTopicThatIsRejected) {
  ScriptedMqttBroker broker(loop_.executor());
  broker.acknowledge = [](const auto& message) {
    return ScriptedMqttBroker::Acknowledgement{message.topic == "pbx" ? std::uint8_t{0} : std::uint8_t{0x87}, {}};
  };
  auto& sink = run("{" + url("mqtt", "127.0.0.1", broker.port()) + "}");
  ASSERT_TRUE(sink.connected()) << sink.loss();
  EXPECT_EQ(sink.outcome_of(make_delivery(1, "pbx", small_payload)).kind, delivered);
  EXPECT_THAT(sink.observer.notices, Contains(HasSubstr("pbxbridge/board/status")));
}

TEST_F(MqttBrokerLimitsTest, DoesNotConnectWhereTheBrokerCannotDoWhatItIsSetTo) {
  ScriptedMqttBroker broker(loop_.executor());
  broker.connect_properties = std::string{'\x24', '\0', '\x25', '\0'};  // Maximum QoS: 0; Retain Available: 0
  const auto with = [&](const std::string& settings) {
    return "{" + url("mqtt", "127.0.0.1", broker.port()) + ", prefix: '', " + settings + "}";
  };
  auto& qos = run(with("qos: 1"));
  EXPECT_FALSE(qos.connected());
  EXPECT_THAT(qos.loss(), AllOf(HasSubstr("QoS 0 at the most"), HasSubstr("set qos to 0")));
  EXPECT_EQ(qos.observer.losses.front().category, ErrorCategory::configuration);
  EXPECT_FALSE(qos.observer.losses.front().hung_up_at);
  auto& retain = run(with("qos: 0, retain: true"));
  EXPECT_FALSE(retain.connected());
  EXPECT_THAT(retain.loss(), HasSubstr("set retain to false"));
  EXPECT_TRUE(run(with("qos: 0")).connected());
}

TEST_F(MqttBrokerLimitsTest, KeepsEventsOfARouteThatAsksForMoreThanTheBrokerDoes) {
  ScriptedMqttBroker broker(loop_.executor());
  broker.connect_properties = std::string{'\x24', '\0', '\x25', '\0'};
  auto& sink = run("{" + url("mqtt", "127.0.0.1", broker.port()) + ", prefix: '', qos: 0}");
  ASSERT_TRUE(sink.connected()) << sink.loss();
  MqttWishes qos_2;
  qos_2.qos = 2;
  const auto outcome = sink.outcome_of(make_delivery(1, "pbx", small_payload, qos_2));
  EXPECT_EQ(outcome.kind, retry);
  EXPECT_THAT(outcome.reason, AllOf(HasSubstr("the route"), HasSubstr("QoS 0 at the most")));
  MqttWishes retained;
  retained.retain = true;
  EXPECT_EQ(sink.outcome_of(make_delivery(2, "pbx", small_payload, retained)).kind, retry);
  EXPECT_EQ(sink.outcome_of(make_delivery(3, "pbx", small_payload)).kind, delivered);
}

/// One that has announced nothing of it.
TEST_F(MqttBrokerLimitsTest, LearnsFromARejectionWhatTheBrokerDoesNotDo) {
  ScriptedMqttBroker broker(loop_.executor());
  std::uint8_t rejection = mqtt::reason::retain_not_supported;
  broker.acknowledge = [&](const auto& message) {
    return ScriptedMqttBroker::Acknowledgement{message.topic == "wished" ? rejection : std::uint8_t{0}, "no"};
  };
  auto& sink = run("{" + url("mqtt", "127.0.0.1", broker.port()) + ", prefix: ''}");
  ASSERT_TRUE(sink.connected()) << sink.loss();
  MqttWishes retained;
  retained.retain = true;
  EXPECT_EQ(sink.outcome_of(make_delivery(1, "wished", small_payload, retained)).kind, retry);
  const auto known = sink.outcome_of(make_delivery(2, "pbx", small_payload, retained));
  EXPECT_EQ(known.kind, retry) << "the broker would have taken it";
  EXPECT_THAT(known.reason, AllOf(HasSubstr("the route"), HasSubstr("no retained messages")));
  EXPECT_EQ(sink.outcome_of(make_delivery(3, "pbx", small_payload)).kind, delivered);

  rejection = mqtt::reason::qos_not_supported;
  ASSERT_TRUE(sink.deliver(make_delivery(4, "wished", small_payload)));
  ASSERT_TRUE(loop_.run_until([&] { return !sink.observer.losses.empty(); }));
  EXPECT_THAT(sink.loss(), AllOf(HasSubstr("QoS 0 at the most"), HasSubstr("set qos to 0")));
  EXPECT_EQ(sink.observer.losses.front().category, ErrorCategory::configuration);
  EXPECT_FALSE(sink.observer.losses.front().hung_up_at);
  EXPECT_EQ(sink.observer.count(reject), 0U);
}

// Limits

TEST_F(MqttBrokerLimitsTest, KeepsToTheBrokersReceiveMaximum) {
  const MosquittoBroker broker({.max_inflight_messages = 1});
  auto& sink = run(yaml(broker, "prefix: ''"));  // the status topic would be the one message
  ASSERT_TRUE(sink.connected());
  EXPECT_EQ(sink.sink->window(), 1U);
  broker.freeze();
  EXPECT_TRUE(sink.deliver(make_delivery(1, "pbx", small_payload)));
  EXPECT_FALSE(sink.deliver(make_delivery(2, "pbx", small_payload)));
  broker.thaw();
  ASSERT_TRUE(loop_.run_until([&] { return sink.observer.writable_calls == 1; }));
  EXPECT_EQ(sink.outcome_of(make_delivery(2, "pbx", small_payload)).kind, delivered);
}

TEST_F(MqttBrokerLimitsTest, HoldsNoMoreThanABitForABrokerThatReadsNothing) {
  const MosquittoBroker broker({.config = {"max_queued_messages 0"}, .max_inflight_messages = 1000});
  for (const std::string qos : {"0", "1"}) {
    auto& sink = run(yaml(broker, "qos: " + qos));
    ASSERT_TRUE(sink.connected());
    broker.freeze();
    const std::string large(100'000, 'x');
    std::uint64_t taken = 0;
    const auto fill = [&] {
      while (sink.deliver(make_delivery(taken + 1, "pbx", large))) ++taken;
    };
    fill();
    EXPECT_LT(taken, 20U) << "nothing can be written within the call";
    loop_.run_for(300ms);
    EXPECT_GE(sink.observer.writable_calls, 1U) << "the kernel takes some of it";
    while (sink.observer.in_flight() < 500) {
      const auto before = taken;
      fill();
      loop_.run_for(50ms);
      if (taken == before) break;
    }
    EXPECT_LT(taken, 500U) << "and not all of it";
    broker.thaw();
    EXPECT_TRUE(loop_.run_until([&] { return sink.observer.count(delivered) == taken; })) << sink.observer.in_flight();
    fill();
    EXPECT_TRUE(loop_.run_until([&] { return sink.observer.count(delivered) == taken; }));
  }
}

TEST_F(MqttBrokerLimitsTest, TakesTheBrokersWindowOrItsOwnWhereTheBrokerSaysNone) {
  const MosquittoBroker broker({.max_inflight_messages = 500});
  auto& version_5 = run(yaml(broker));
  ASSERT_TRUE(version_5.connected());
  EXPECT_EQ(version_5.sink->window(), 500U);
  auto& fewer = run(yaml(broker, "receive_maximum: 30"));
  ASSERT_TRUE(fewer.connected());
  EXPECT_EQ(fewer.sink->window(), 30U);
  auto& version_3 = run(yaml(broker, "version: 3.1.1"));
  ASSERT_TRUE(version_3.connected());
  EXPECT_EQ(version_3.sink->window(), 100U);
}

TEST_F(MqttBrokerLimitsTest, RejectsWhatIsLargerThanTheBrokerTakes) {
  const MosquittoBroker broker({.config = {"max_packet_size 1000"}});
  auto& sink = run(yaml(broker));
  ASSERT_TRUE(sink.connected());
  const auto rejected = sink.outcome_of(make_delivery(1, "pbx", std::string(1000, 'x')));
  EXPECT_EQ(rejected.kind, reject);
  EXPECT_THAT(rejected.reason, HasSubstr("packet too large"));
  EXPECT_EQ(sink.outcome_of(make_delivery(2, "pbx", std::string(900, 'x'))).kind, delivered);
}

TEST_F(MqttBrokerLimitsTest, KeepsRetainedMessagesOfARouteWhereTheBrokerTakesNone) {
  const MosquittoBroker broker({.config = {"retain_available false"}});
  EXPECT_THAT(run(yaml(broker)).loss(), HasSubstr("set prefix to an empty text"));
  auto& sink = run(yaml(broker, "prefix: ''"));
  ASSERT_TRUE(sink.connected()) << sink.loss();
  MqttWishes retained;
  retained.retain = true;
  EXPECT_EQ(sink.outcome_of(make_delivery(1, "pbx", small_payload, retained)).kind, retry);
  EXPECT_EQ(sink.outcome_of(make_delivery(2, "pbx", small_payload)).kind, delivered);
}

}  // namespace
}  // namespace pbxbridge::test
