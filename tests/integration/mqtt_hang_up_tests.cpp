// A broker that rejects an event by ending the connection stops no other event; one that fails turns none into a dead
// letter.

#include "core_and_sink.hpp"
#include "mosquitto_broker.hpp"
#include "mosquitto_subscriber.hpp"
#include "mqtt_client.hpp"
#include "sink/mqtt/mqtt_sink.hpp"
#include "sink/mqtt_scripted_broker.hpp"
#include "tcp_relay.hpp"
#include "wait.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <tuple>

namespace pbxbridge::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr const char* each_its_own = "pbx/calls/{entity}";

std::string settings(std::uint16_t port, const std::string& more) {
  return with_mqtt_client("{url: 'mqtt://127.0.0.1:" + std::to_string(port) + "', " + more + "}");
}

class MqttHangUp : public testing::Test {
 protected:
  CoreAndSink& start(std::uint16_t port, const std::string& more, const std::string& topic = each_its_own) {
    core_.emplace(sink::mqtt_sink_type, settings(port, more), topic);
    core_->start();
    return *core_;
  }
  /// Numbered events, those of `large` of 3 kB.
  void append(int count, const std::set<int>& large = {}) {
    for (int i = 0; i < count; ++i)
      core_->append(
          R"({"n":)" + std::to_string(i) + R"(,"secret":")" + std::string(large.contains(i) ? 3000 : 10, 'x') + "\"}",
          std::to_string(i));
  }
  std::string said() const { return core_->lines(); }

  std::optional<CoreAndSink> core_;
};

TEST_F(MqttHangUp, OfMosquittoForOneLargeEventOfThirtyKeepsNoOther) {
  const MosquittoBroker broker({.config = {"max_packet_size 2048"}});
  const MosquittoSubscriber subscriber(broker, "pbx/#", 1);
  CoreAndSink& core = start(broker.port(), "version: 3.1.1");
  append(30, {11});
  ASSERT_TRUE(core.run_until([&] { return core.done(); }, mqtt_deadline(10s))) << said();
  EXPECT_EQ(core.delivered(), 29);
  EXPECT_THAT(subscriber.wait_for(29), SizeIs(testing::Ge(29U)));
  ASSERT_THAT(core.letters(), SizeIs(1));
  EXPECT_EQ(core.letters()[0].topic, "pbx/calls/11");
  EXPECT_THAT(core.letters()[0].reason, HasSubstr("the connection to 127.0.0.1:" + std::to_string(broker.port())));
  EXPECT_THAT(core.lines_with("sink.suspect"),
              AllOf(Not(IsEmpty()),
                    Each(AllOf(HasSubstr("pbx/calls/{entity}"), HasSubstr("size_bytes=30"), HasSubstr("event_id=")))));
  EXPECT_THAT(core.lines_with("sink.rejected"), SizeIs(1));
  EXPECT_THAT(core.lines_with("client id"), AllOf(Not(IsEmpty()), Each(HasSubstr("sink.connected"))));
  EXPECT_THAT(said(), Not(HasSubstr("another client")));
  EXPECT_THAT(said(), Not(HasSubstr("xxx"))) << "no payload";
}

TEST_F(MqttHangUp, OfMosquittoForSeveralEventsOfOneTopicKeepsTheirOrder) {
  const MosquittoBroker broker({.config = {"max_packet_size 2048"}});
  const MosquittoSubscriber subscriber(broker, "pbx/#", 1);
  CoreAndSink& core = start(broker.port(), "version: 3.1.1", "pbx/calls");
  append(30, {3, 4, 17});
  ASSERT_TRUE(core.run_until([&] { return core.done(); }, mqtt_deadline(15s))) << said();
  EXPECT_THAT(core.letters(), SizeIs(3));
  EXPECT_EQ(core.delivered(), 27);
  const auto number = [](const ReceivedMessage& message) { return std::stoi(message.payload.substr(5)); };
  ASSERT_TRUE(eventually([&] {
    const auto messages = subscriber.messages();
    return !messages.empty() && number(messages.back()) == 29;
  }));
  std::map<int, std::size_t> last_place;
  const auto messages = subscriber.messages();
  for (std::size_t place = 0; place < messages.size(); ++place) last_place[number(messages[place])] = place;
  EXPECT_EQ(last_place.size(), 27U);
  std::size_t before = 0;
  for (const auto& [sent, place] : last_place) {
    EXPECT_GE(place, before) << "the last word of event " << sent;
    before = place;
  }
}

TEST_F(MqttHangUp, OfMosquittoWithNothingElseToSend) {
  const MosquittoBroker broker({.config = {"max_packet_size 2048"}});
  CoreAndSink& core = start(broker.port(), "version: 3.1.1");
  append(1, {0});
  ASSERT_TRUE(core.run_until([&] { return core.letters().size() == 1; }, mqtt_deadline(10s))) << said();
  append(1);
  EXPECT_TRUE(core.run_until([&] { return core.delivered() == 1; }, mqtt_deadline(5s))) << said();
}

class MqttHangUpReason : public MqttHangUp, public testing::WithParamInterface<int> {};

/// 0: without a word.
TEST_P(MqttHangUpReason, ForOneTopicKeepsNoOther) {
  core_.emplace(sink::mqtt_sink_type, settings(1, "prefix: ''"), each_its_own);
  ScriptedMqttBroker broker(core_->executor());
  broker.acknowledge = [](const ScriptedMqttBroker::Message& message) {
    ScriptedMqttBroker::Acknowledgement answer;
    answer.hangs_up = message.topic == "pbx/calls/7";
    if (answer.hangs_up) answer.reason_code = static_cast<std::uint8_t>(GetParam());
    return answer;
  };
  core_->use_settings(settings(broker.port(), "prefix: ''"));
  core_->start();
  append(30);
  ASSERT_TRUE(core_->run_until([&] { return core_->done(); }, mqtt_deadline(10s))) << said();
  EXPECT_EQ(core_->delivered(), 29);
  ASSERT_THAT(core_->letters(), SizeIs(1));
  EXPECT_EQ(core_->letters()[0].topic, "pbx/calls/7");
  if (GetParam() == 0x95) {
    EXPECT_THAT(core_->letters()[0].reason, HasSubstr("packet too large"));
  }
}

INSTANTIATE_TEST_SUITE_P(Codes, MqttHangUpReason, testing::Values(0, 0x80, 0x82, 0x87, 0x90, 0x95, 0x97, 0x98, 0x99));

/// Order per key keeps none of the forbidden topic's events behind another.
class MqttHangUpForATopic : public MqttHangUp {
 protected:
  MqttHangUpForATopic() {
    core_.emplace(sink::mqtt_sink_type, settings(1, "prefix: ''"), "pbx/{event_type}", "{entity}");
    broker_.emplace(core_->executor());
    broker_->acknowledge = [this](const ScriptedMqttBroker::Message& message) {
      ScriptedMqttBroker::Acknowledgement answer;
      answer.hangs_up = is_forbidden_ && message.topic == "pbx/forbidden";
      return answer;
    };
    core_->use_settings(settings(broker_->port(), "prefix: ''"));
    core_->start();
  }
  /// One in ten has the forbidden topic, and each a key of its own.
  void append(int count) {
    for (int i = 0; i < count; ++i)
      core_->append(R"({"n":)" + std::to_string(i) + "}", std::to_string(i), i % 10 == 5 ? "forbidden" : "call_start");
  }

  bool is_forbidden_ = true;
  std::optional<ScriptedMqttBroker> broker_;
};

TEST_F(MqttHangUpForATopic, KeepsNoOtherHoweverManyKeysItsEventsHave) {
  append(1000);
  ASSERT_TRUE(core_->run_until([&] { return core_->delivered() == 900; }, mqtt_deadline(10s)))
      << core_->delivered() << " delivered, " << core_->letters().size() << " letters\n"
      << said();
  ASSERT_TRUE(core_->run_until([&] { return core_->letters().size() > 3; }, mqtt_deadline(15s))) << said();
  for (const auto& letter : core_->letters()) EXPECT_EQ(letter.topic, "pbx/forbidden");
  append(100);
  EXPECT_TRUE(core_->run_until([&] { return core_->delivered() == 990; }, mqtt_deadline(5s))) << said();
  EXPECT_THAT(core_->lines_with("for two events of this topic"), SizeIs(1));
}

TEST_F(MqttHangUpForATopic, EndsOnceItIsAllowed) {
  append(1000);
  ASSERT_TRUE(core_->run_until([&] { return core_->letters().size() == 2; }, mqtt_deadline(15s))) << said();
  is_forbidden_ = false;
  EXPECT_TRUE(core_->run_until([&] { return core_->done(); }, mqtt_deadline(10s))) << said();
  EXPECT_EQ(core_->delivered(), 998);
}

/// The broker repeats it as it ends the connection, as it rejects the next one, of an event that it took, and with QoS
/// 0.
TEST_F(MqttHangUp, WhatABrokerRepeatsOfAnEventIsNotInTheLog) {
  for (const std::string qos : {"1", "0"}) {
    core_.emplace(sink::mqtt_sink_type, settings(1, "prefix: ''"), "calls/{entity}");
    ScriptedMqttBroker broker(core_->executor());
    broker.acknowledge = [&](const ScriptedMqttBroker::Message& message) {
      ScriptedMqttBroker::Acknowledgement answer;
      answer.hangs_up = message.topic == "calls/49309018207";
      answer.reason_code = answer.hangs_up ? 0x87 : 0;
      answer.reason_string = "no " + message.topic + " after calls/49309018200";
      if (answer.hangs_up) {
        broker.connect_reason_code = 0x8A;
        const std::string words = "banned for calls/49309018207 or 4930901820";
        broker.connect_properties = std::string{'\x1F', '\0', static_cast<char>(words.size())} + words;
      }
      return answer;
    };
    core_->use_settings(settings(broker.port(), "prefix: '', qos: " + qos));
    core_->start();
    for (const std::string caller : {"49309018200", "49309018207", "49309018209"}) core_->append("{}", caller);
    ASSERT_TRUE(core_->run_until([&] { return !core_->lines_with("banned").empty(); }, mqtt_deadline(10s))) << said();
    EXPECT_THAT(core_->lines_with("sink.connection_lost"), SizeIs(1)) << said();
    EXPECT_THAT(said(), Not(HasSubstr("4930901820")));
  }
}

TEST_F(MqttHangUp, OfABrokerThatTakesNothingMakesNoDeadLetter) {
  core_.emplace(sink::mqtt_sink_type, settings(1, "prefix: ''"), each_its_own);
  ScriptedMqttBroker broker(core_->executor());
  bool out_of_memory = true;
  broker.acknowledge = [&](const ScriptedMqttBroker::Message&) {
    ScriptedMqttBroker::Acknowledgement answer;
    answer.hangs_up = out_of_memory;
    return answer;
  };
  core_->use_settings(settings(broker.port(), "prefix: ''"));
  core_->start();
  append(30);
  core_->run_for(12s);
  EXPECT_THAT(core_->letters(), SizeIs(0)) << said();
  out_of_memory = false;
  EXPECT_TRUE(core_->run_until([&] { return core_->delivered() == 30; }, mqtt_deadline(25s))) << said();
}

/// The broker is there again after the outage, which ends all connections, some at once and some for a while.
TEST_F(MqttHangUp, OfANetworkMakesNoDeadLetter) {
  const MosquittoBroker broker;
  TcpRelay relay(broker.port());
  const auto seed = std::random_device{}();
  RecordProperty("seed", std::to_string(seed));
  std::mt19937 random(seed);
  for (const std::string version : {"5", "3.1.1"}) {
    CoreAndSink& core = start(relay.port(), "version: " + version + ", prefix: ''");
    int appended = 0;
    for (int outage = 0; outage < 40; ++outage) {
      append(20);
      appended += 20;
      core.run_for(std::chrono::milliseconds(random() % 250));
      const bool is_longer = random() % 3 == 0;
      if (is_longer) relay.reject();
      relay.reset_connections();
      if (is_longer) core.run_for(std::chrono::milliseconds(random() % 300));
      relay.open();
    }
    EXPECT_TRUE(core.run_until([&] { return core.done(); }, mqtt_deadline(30s))) << "seed " << seed << "\n" << said();
    EXPECT_THAT(core.letters(), SizeIs(0)) << "seed " << seed << "\n" << said();
    EXPECT_EQ(core.delivered(), appended);
  }
}

TEST_F(MqttHangUp, OfABrokerThatIsKilledAgainAndAgainMakesNoDeadLetter) {
  MosquittoBroker broker;
  CoreAndSink& core = start(broker.port(), "version: 3.1.1");
  for (int kill = 0; kill < 8; ++kill) {
    append(50);
    core.run_for(300ms);
    broker.kill();
    core.run_for(200ms);
    broker.start();
  }
  EXPECT_TRUE(core.run_until([&] { return core.done(); }, mqtt_deadline(20s))) << said();
  EXPECT_THAT(core.letters(), SizeIs(0)) << said();
}

/// The broker has announced nothing, and says so by a DISCONNECT or in its answer to each message.
TEST_F(MqttHangUp, WhatABrokerRejectsForASettingIsOneConnectionErrorAndEventsWait) {
  for (const bool hangs_up : {true, false})
    for (const auto& [code, setting, advice] :
         {std::tuple{0x9A, "retain: true", "set retain to false"}, {0x9B, "qos: 1", "set qos to 0"}}) {
      core_.emplace(sink::mqtt_sink_type, settings(1, "prefix: ''"), each_its_own);
      ScriptedMqttBroker broker(core_->executor());
      broker.acknowledge = [&, code = code](const ScriptedMqttBroker::Message&) {
        return ScriptedMqttBroker::Acknowledgement{static_cast<std::uint8_t>(code), "not here", hangs_up};
      };
      core_->use_settings(settings(broker.port(), std::string("prefix: '', ") + setting));
      core_->start();
      append(3);
      core_->run_for(4s);
      EXPECT_THAT(core_->letters(), SizeIs(0)) << said();
      EXPECT_THAT(core_->lines_with("sink.suspect"), IsEmpty());
      EXPECT_THAT(core_->lines_with("cannot do what this sink is set to"), ElementsAre(HasSubstr(advice))) << said();
      EXPECT_THAT(broker.messages, IsEmpty());
    }
}

/// A broker with MQTT 3.1.1 has no other way to say that it has no QoS 2.
TEST_F(MqttHangUp, ForEachMessageOfQos2MakesNoDeadLetterOfSingleEvents) {
  core_.emplace(sink::mqtt_sink_type, settings(1, "prefix: ''"), each_its_own);
  ScriptedMqttBroker broker(core_->executor());
  broker.script = [&](std::uint8_t first, const std::string&) -> std::optional<std::string> {
    if (first >> 4 == 1) return std::string{'\x20', '\x02', '\0', '\0'};
    if (first >> 4 != 3) return std::nullopt;
    broker.hang_up();
    return std::string();
  };
  core_->use_settings(settings(broker.port(), "prefix: '', version: 3.1.1, qos: 2"));
  core_->start();
  append(1);
  core_->run_for(12s);
  EXPECT_THAT(core_->letters(), SizeIs(0)) << said();
  EXPECT_THAT(core_->lines_with("set qos to 1"), Not(IsEmpty())) << said();
}

/// The log has one connection error that says what to change.
TEST_F(MqttHangUp, WhatABrokerCannotDoIsOneConnectionErrorAndEventsWait) {
  core_.emplace(sink::mqtt_sink_type, settings(1, "prefix: ''"), each_its_own);
  ScriptedMqttBroker broker(core_->executor());
  broker.connect_properties = std::string{'\x24', '\0'};  // Maximum QoS: 0
  core_->use_settings(settings(broker.port(), "prefix: ''"));
  core_->start();
  append(3);
  core_->run_for(3s);
  EXPECT_THAT(core_->letters(), SizeIs(0));
  EXPECT_THAT(core_->lines_with("sink.connection_failed"), ElementsAre(HasSubstr("set qos to 0"))) << said();
  EXPECT_THAT(core_->lines_with("sink.connected"), SizeIs(0));
  broker.connect_properties.clear();
  EXPECT_TRUE(core_->run_until([&] { return core_->delivered() == 3; }, mqtt_deadline(15s))) << said();
}

}  // namespace
}  // namespace pbxbridge::test
