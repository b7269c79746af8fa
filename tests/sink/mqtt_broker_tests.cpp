// The MQTT sink with brokers that are away, silent, limited, or give its session to another client.

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
using testing::HasSubstr;
using testing::IsEmpty;
using enum Outcome::Kind;

using MqttBrokerTest = MqttConnectionTest;

// Brokers that are not there

TEST_F(MqttBrokerTest, SaysWhyThereIsNoConnection) {
  MosquittoBroker broker({.tls = true});
  const std::string port = std::to_string(broker.port());
  EXPECT_THAT(run("{url: 'wss://localhost:" + port + "', tls: {ca_file: " + broker.ca_file().string() + "}}").loss(),
              AllOf(HasSubstr("localhost:" + port), HasSubstr("TLS")));
  broker.stop();
  for (const std::string scheme : {"mqtt", "mqtts", "ws"})
    EXPECT_THAT(run("{url: '" + scheme + "://localhost:" + port + "'}").loss(),
                AllOf(HasSubstr("localhost:" + port), HasSubstr("Connection refused")));
  EXPECT_EQ(run("url: 'mqtt://127.0.0.1:" + port + "'").loss(),
            "no connection to 127.0.0.1:" + port + ": Connection refused");
  EXPECT_THAT(run("url: 'mqtt://no-such-host.invalid'").loss(), HasSubstr("no-such-host.invalid"));
}

TEST_F(MqttBrokerTest, SaysThatAPortSpeaksSomethingElse) {
  const MosquittoBroker broker({.tls = true});
  const std::string plain = std::to_string(broker.port());
  const std::string tls = std::to_string(broker.tls_port());
  const std::string ws = std::to_string(broker.websocket_port());
  EXPECT_THAT(run("url: 'mqtt://localhost:" + tls + "'").loss(),
              AllOf(HasSubstr("localhost:" + tls + " takes connections and speaks no MQTT"), HasSubstr("mqtts://")));
  EXPECT_THAT(run("url: 'mqtt://localhost:" + ws + "'").loss(), HasSubstr("speaks no MQTT"));
  EXPECT_THAT(run("url: 'ws://localhost:" + plain + "'").loss(), HasSubstr("the WebSocket handshake failed"));
  EXPECT_THAT(run("url: 'mqtts://localhost:" + plain + "'").loss(), HasSubstr("without TLS"));
}

TEST_F(MqttBrokerTest, GivesUpOnABrokerThatDoesNotAnswer) {
  const MosquittoBroker broker;
  broker.freeze();
  const std::string limit = mqtt_client() == "native" ? "500" : "3000";
  EXPECT_THAT(run(yaml(broker, "connect_timeout: " + limit + "ms")).loss(5s),
              HasSubstr("within " + limit + " ms: it was still waiting for the broker's answer"));
  broker.thaw();
}

TEST_F(MqttBrokerTest, GivesUpOnABrokerThatAcknowledgesNothing) {
  const MosquittoBroker broker;
  auto& sink = run(yaml(broker, "ack_timeout: 1s"));
  ASSERT_TRUE(sink.connected());
  broker.freeze();
  ASSERT_TRUE(sink.deliver(make_delivery(1, "pbx", small_payload)));
  EXPECT_THAT(sink.loss(5s), HasSubstr("not acknowledged"));
  broker.thaw();
}

TEST_F(MqttBrokerTest, HearsOfAFewAcknowledgementsAmongManyInFlight) {
  ScriptedMqttBroker broker(loop_.executor());
  auto& sink = run("{url: 'mqtt://127.0.0.1:" + std::to_string(broker.port()) + "', prefix: ''}");
  ASSERT_TRUE(sink.connected());
  broker.is_silent = true;
  for (std::uint64_t token = 1; token <= 500; ++token)
    ASSERT_TRUE(sink.deliver(make_delivery(token, "pbx", small_payload)));
  ASSERT_TRUE(loop_.run_until([&] { return broker.identifiers.size() == 500; }));
  const auto acknowledge = [&](std::size_t first, std::size_t last) {
    std::string packets;
    for (std::size_t message = first; message <= last; ++message)
      packets += "\x40\x02" + broker.identifiers[message - 1];
    broker.send(packets);
    return loop_.run_until([&] { return sink.observer.count(delivered) == last; });
  };
  EXPECT_TRUE(acknowledge(1, 100));
  EXPECT_TRUE(acknowledge(101, 110)) << "left to gather forever";
  EXPECT_TRUE(acknowledge(111, 500));
}

TEST_F(MqttBrokerTest, NoticesASilentBrokerByKeepAliveWithNothingInFlight) {
  const MosquittoBroker broker;
  auto& sink = run(yaml(broker, "keep_alive: 1s"));
  ASSERT_TRUE(sink.connected());
  broker.freeze();
  EXPECT_THAT(sink.loss(10s), HasSubstr("broke"));
  broker.thaw();
}

TEST_F(MqttBrokerTest, TakesOnlyWholePacketsForLife) {
  ScriptedMqttBroker broker(loop_.executor());
  broker.ignores_pings = true;
  auto& sink = run("{" + url("mqtt", "127.0.0.1", broker.port()) + ", keep_alive: 1s, prefix: ''}");
  ASSERT_TRUE(sink.connected()) << sink.loss();
  broker.send(std::string("\x30\xff\xff\xff\x7f\x00\x01t", 8));  // a PUBLISH of 256 MiB
  EXPECT_TRUE(loop_.run_until(
      [&] {
        broker.send("x");
        loop_.run_for(20ms);
        return !sink.observer.losses.empty();
      },
      10s));
  EXPECT_THAT(sink.loss(), HasSubstr("has not answered a ping for 1 s"));
}

TEST_F(MqttBrokerTest, KeepsAliveAsOftenAsTheBrokerAsksFor) {
  ScriptedMqttBroker broker(loop_.executor());
  broker.connect_properties = std::string{'\x13', '\0', '\1'};  // Server Keep Alive: 1 s
  auto& sink = run("{" + url("mqtt", "127.0.0.1", broker.port()) + ", keep_alive: 60s, prefix: ''}");
  ASSERT_TRUE(sink.connected()) << sink.loss();
  EXPECT_TRUE(loop_.run_until([&] { return broker.pings >= 3; }, 10s));
  EXPECT_THAT(sink.observer.losses, IsEmpty());
}

TEST_F(MqttBrokerTest, KeepsAliveAsSeldomAsTheBrokerAsksFor) {
  ScriptedMqttBroker broker(loop_.executor());
  broker.connect_properties = std::string{'\x13', '\0', '\x3C'};  // Server Keep Alive: 60 s
  auto& sink = run("{" + url("mqtt", "127.0.0.1", broker.port()) + ", keep_alive: 1s, prefix: ''}");
  ASSERT_TRUE(sink.connected()) << sink.loss();
  loop_.run_for(2500ms);
  EXPECT_EQ(broker.pings, 0);
  EXPECT_THAT(sink.observer.losses, IsEmpty());
}

// Longer than the kernel gives a machine that is gone.
TEST_F(MqttBrokerTest, WaitsForABrokerThatReadsNothingAsLongAsConfigured) {
  const MosquittoBroker broker({.config = {"max_queued_messages 0"}, .max_inflight_messages = 1000});
  auto& sink = run(yaml(broker, "ack_timeout: 60s, keep_alive: 60s"));
  ASSERT_TRUE(sink.connected());
  broker.freeze();
  const std::string large(100'000, 'x');
  std::uint64_t taken = 0;
  const auto end = std::chrono::steady_clock::now() + 14s;
  while (std::chrono::steady_clock::now() < end && sink.observer.losses.empty()) {
    while (sink.deliver(make_delivery(taken + 1, "pbx", large))) ++taken;
    loop_.run_for(50ms);
  }
  EXPECT_LT(taken, 500U) << "more has gone into the kernels than they hold";
  broker.thaw();
  EXPECT_TRUE(loop_.run_until([&] { return sink.observer.count(delivered) == taken; }, 20s));
  EXPECT_THAT(sink.observer.losses, IsEmpty());
}

TEST_F(MqttBrokerTest, LosesTheConnectionWithTheBroker) {
  MosquittoBroker broker;
  auto& sink = run(yaml(broker));
  ASSERT_TRUE(sink.connected());
  broker.kill();
  EXPECT_THAT(sink.loss(), HasSubstr("broke"));
}

// Takeover

TEST_F(MqttBrokerTest, RecognisesASessionTakenOverAndWaits) {
  ScriptedMqttBroker broker(loop_.executor());
  const auto settings = mqtt_settings("{" + url("mqtt", "127.0.0.1", broker.port()) + ", client_id: twin}");
  auto& first = run(settings);
  ASSERT_TRUE(first.connected()) << first.loss();
  broker.disconnect(0x8E);
  EXPECT_THAT(first.loss(), AllOf(HasSubstr("taken over"), HasSubstr("twin"), HasSubstr("30 s")));
  EXPECT_EQ(std::chrono::round<std::chrono::seconds>(first.observer.losses.at(0).wait), 30s);
  auto& again = run(settings);
  loop_.run_for(1s);
  EXPECT_THAT(again.observer.connections, IsEmpty());
  EXPECT_THAT(again.observer.losses, IsEmpty());
  EXPECT_TRUE(again.close()) << "while it waits";
}

// mosquitto 2.0.11 closes the connection without a word in both versions.
TEST_F(MqttBrokerTest, SuspectsATwinAfterThreeInstantDrops) {
  const MosquittoBroker broker;
  for (const std::string version : {"5", "3.1.1"}) {
    const std::string twin = yaml(broker, "client_id: twin, version: " + version);
    const auto settings = mqtt_settings(twin);
    std::string loss;
    for (int i = 0; i < 3; ++i) {
      auto& sink = run(settings);
      ASSERT_TRUE(sink.connected()) << sink.loss();
      ASSERT_TRUE(run(twin).connected());
      loss = sink.loss();
    }
    EXPECT_THAT(loss, AllOf(HasSubstr("another client"), HasSubstr("twin"), HasSubstr("10 s")));
    sinks_.clear();
  }
}

// Answers that mosquitto never gives

TEST_F(MqttBrokerTest, TellsTheBrokersReasonForItsEnd) {
  ScriptedMqttBroker broker(loop_.executor());
  auto& sink = run("{" + url("mqtt", "127.0.0.1", broker.port()) + "}");
  ASSERT_TRUE(sink.connected()) << sink.loss();
  broker.disconnect(0x8B);
  EXPECT_THAT(sink.loss(), HasSubstr("server shutting down"));
}

TEST_F(MqttBrokerTest, EndsAConnectionThatDoesNotKeepToMqtt) {
  ScriptedMqttBroker broker(loop_.executor());
  auto& sink = run("{" + url("mqtt", "127.0.0.1", broker.port()) + "}");
  ASSERT_TRUE(sink.connected()) << sink.loss();
  broker.send("HTTP/1.1 400 Bad Request");
  EXPECT_THAT(sink.loss(), HasSubstr("does not keep to MQTT: it sent a malformed PUBACK"));
}

// RabbitMQ, in either version of MQTT.
TEST_F(MqttBrokerTest, TakesQos2ThatIsAcknowledgedAsQos1AndSaysSoOnce) {
  for (const bool version_5 : {true, false}) {
    ScriptedMqttBroker broker(loop_.executor());
    broker.script = [&](std::uint8_t first, const std::string& body) -> std::optional<std::string> {
      if (first >> 4 == 1 && !version_5) return std::string("\x20\x02\0\0", 4);
      if (first >> 4 != 3) return std::nullopt;
      return "\x40\x02" + body.substr(2 + static_cast<std::uint8_t>(body[1]), 2);
    };
    const auto settings = mqtt_settings("{" + url("mqtt", "127.0.0.1", broker.port()) +
                                        ", qos: 2, client_id: c, version: " + (version_5 ? "5" : "3.1.1") + "}");
    std::vector<std::string> notices;
    for (int connection = 0; connection < 2; ++connection) {
      auto& sink = run(settings);
      ASSERT_TRUE(sink.connected()) << sink.loss();
      for (std::uint64_t token = 1; token <= 3; ++token)
        ASSERT_TRUE(loop_.run_until([&] { return sink.deliver(make_delivery(token, "pbx", small_payload)); }));
      EXPECT_TRUE(loop_.run_until([&] { return sink.observer.count(delivered) == 3; }));
      notices.insert(notices.end(), sink.observer.notices.begin(), sink.observer.notices.end());
    }
    EXPECT_THAT(notices, testing::ElementsAre(HasSubstr("QoS 2 as if they were of QoS 1")));
    sinks_.clear();
  }
}

// mochi, in a kept session with a message of QoS 2 that an earlier process did not complete.
TEST_F(MqttBrokerTest, TriesAgainWhatABrokerTakesForAnEarlierMessage) {
  ScriptedMqttBroker broker(loop_.executor());
  int publishes = 0;
  broker.script = [&](std::uint8_t first, const std::string& body) -> std::optional<std::string> {
    if (first >> 4 == 6) return "\x70\x02" + body.substr(0, 2);
    if (first >> 4 != 3) return std::nullopt;
    return (++publishes == 1 ? "\x50\x02" : "\x40\x02") + body.substr(2 + static_cast<std::uint8_t>(body[1]), 2);
  };
  auto& sink = run("{" + url("mqtt", "127.0.0.1", broker.port()) + ", prefix: ''}");
  ASSERT_TRUE(sink.connected()) << sink.loss();
  EXPECT_EQ(sink.outcome_of(make_delivery(1, "pbx", small_payload)).kind, retry);
  EXPECT_EQ(sink.outcome_of(make_delivery(2, "pbx", small_payload)).kind, delivered);
  EXPECT_THAT(sink.observer.losses, IsEmpty());
}

// mochi, when it shuts down.
TEST_F(MqttBrokerTest, TakesADisconnectThatMqtt311DoesNotHaveForTheEnd) {
  ScriptedMqttBroker broker(loop_.executor());
  broker.script = [](std::uint8_t first, const std::string&) -> std::optional<std::string> {
    if (first >> 4 == 1) return std::string("\x20\x02\0\0", 4);
    return std::nullopt;
  };
  auto& sink = run("{" + url("mqtt", "127.0.0.1", broker.port()) + ", version: 3.1.1, prefix: ''}");
  ASSERT_TRUE(sink.connected()) << sink.loss();
  broker.send(std::string("\xE0\0", 2));
  EXPECT_THAT(sink.loss(), AllOf(HasSubstr("it sent DISCONNECT"), testing::Not(HasSubstr("does not keep to MQTT"))));
}

TEST_F(MqttBrokerTest, EndsAConnectionToASessionThatWasToBeForgotten) {
  ScriptedMqttBroker broker(loop_.executor());
  broker.script = [](std::uint8_t first, const std::string&) -> std::optional<std::string> {
    if (first >> 4 == 1) return std::string("\x20\x03\1\0\0", 5);
    return std::nullopt;
  };
  auto& sink = run("{" + url("mqtt", "127.0.0.1", broker.port()) + "}");
  EXPECT_FALSE(sink.connected());
  EXPECT_THAT(sink.loss(), HasSubstr("does not keep to MQTT: it sent a CONNACK with Session Present"));
  EXPECT_TRUE(loop_.run_until([&] { return !broker.disconnects.empty(); }));
  EXPECT_THAT(broker.disconnects, testing::ElementsAre("\x82"));
}

TEST_F(MqttBrokerTest, SaysToTheBrokerWhyItEndsTheConnection) {
  const auto said = [&](const std::string& settings,
                        const std::function<void(ScriptedMqttBroker&, RunningSink&)>& end) {
    ScriptedMqttBroker broker(loop_.executor());
    auto& sink = run("{" + url("mqtt", "127.0.0.1", broker.port()) + ", prefix: ''" + settings + "}");
    EXPECT_TRUE(sink.connected());
    end(broker, sink);
    if (!sink.observer.losses.empty()) sink.sink.reset();  // as the core does
    EXPECT_TRUE(loop_.run_until([&] { return !broker.disconnects.empty(); }, 5s));
    return broker.disconnects.empty() ? "(nothing)" : broker.disconnects.front();
  };
  EXPECT_EQ(said("",
                 [](auto& broker, auto& sink) {
                   broker.send("HTTP/1.1 400 Bad Request");
                   (void)sink.loss();
                 }),
            "\x81");
  EXPECT_EQ(said("",
                 [](auto& broker, auto& sink) {
                   broker.send(std::string("\x20\x03\0\0\0", 5));
                   (void)sink.loss();
                 }),
            "\x82");
  EXPECT_EQ(said(", ack_timeout: 1s",
                 [](auto& broker, auto& sink) {
                   broker.is_silent = true;
                   EXPECT_TRUE(sink.deliver(make_delivery(1, "pbx", small_payload)));
                   (void)sink.loss(5s);
                 }),
            "\x80");
  EXPECT_EQ(said("", [](auto&, auto& sink) { EXPECT_TRUE(sink.close()); }), "");
}

TEST_F(MqttBrokerTest, TellsTheCoreThatTheAccountWasRejected) {
  for (const auto& [code, is_account] : {std::pair{0x86, true}, {0x87, true}, {0x8A, true}, {0x88, false}}) {
    ScriptedMqttBroker broker(loop_.executor());
    broker.connect_reason_code = static_cast<std::uint8_t>(code);
    auto& sink = run("{" + url("mqtt", "127.0.0.1", broker.port()) + "}");
    EXPECT_FALSE(sink.connected());
    EXPECT_EQ(sink.observer.losses.at(0).account_rejected, is_account) << code;
    sinks_.clear();
  }
}

TEST_F(MqttBrokerTest, DestroysAConnectedSinkAtOnce) {
  const MosquittoBroker broker;
  auto shortest = std::chrono::steady_clock::duration::max();
  for (int i = 0; i < 3; ++i) {
    auto& sink = run(yaml(broker));
    ASSERT_TRUE(sink.connected());
    const auto begin = std::chrono::steady_clock::now();
    sink.sink.reset();
    shortest = std::min(shortest, std::chrono::steady_clock::now() - begin);
  }
  EXPECT_LT(shortest, 50ms) << "the io thread waited";
}

}  // namespace
}  // namespace pbxbridge::test
