// How the MQTT sink connects, is refused, loses a broker and leaves it, with a real one.

#include "sink/mqtt/mqtt_outcomes.hpp"
#include "sink/mqtt_scripted_broker.hpp"
#include "sink/mqtt_sink_fixture.hpp"
#include "support/mosquitto_broker.hpp"
#include "support/mosquitto_subscriber.hpp"
#include "support/wait.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <deque>
#include <fstream>

namespace pbxbridge::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using enum Outcome::Kind;

constexpr std::string_view payload = R"({"event_type":"queue_status"})";

std::string url(const std::string& scheme, const std::string& host, std::uint16_t port) {
  return "url: '" + scheme + "://" + host + ":" + std::to_string(port) + "'";
}
std::string yaml(const MosquittoBroker& broker, const std::string& more = {}) {
  return "{" + url("mqtt", "localhost", broker.port()) + (more.empty() ? "" : ", " + more) + "}";
}

class MqttConnectionTest : public MqttSinkTest {
 protected:
  RunningSink& run(const std::string& settings) { return run(mqtt_settings(settings)); }
  RunningSink& run(const SinkSettingsPtr& settings) { return sinks_.emplace_back(loop_, settings); }

  std::deque<RunningSink> sinks_;
};

// Status topic

TEST_F(MqttConnectionTest, SaysOnlineWhenConnectedAndOfflineBeforeItLeaves) {
  const MosquittoBroker broker;
  const MosquittoSubscriber subscriber(broker);
  auto& sink = run(yaml(broker));
  ASSERT_TRUE(sink.connected()) << sink.loss();
  EXPECT_TRUE(sink.close());
  const auto messages = subscriber.wait_for(2);
  ASSERT_THAT(messages, SizeIs(2));
  EXPECT_EQ(messages[0].topic, "pbxbridge/board/status");
  EXPECT_EQ(messages[0].payload, "online");
  EXPECT_TRUE(messages[0].retain);
  EXPECT_EQ(messages[1].topic, "pbxbridge/board/status");
  EXPECT_EQ(messages[1].payload, "offline");
  EXPECT_TRUE(messages[1].retain);
  EXPECT_THAT(broker.log(), Not(Contains(HasSubstr("closed its connection"))));
}

TEST_F(MqttConnectionTest, HasTheBrokerSayOfflineWhenItIsGone) {
  const MosquittoBroker broker;
  const MosquittoSubscriber subscriber(broker);
  // A twin with the same client id ends the first session without a good-bye: the broker publishes its will.
  for (const std::string version : {"3.1.1", "5"})
    ASSERT_TRUE(run(yaml(broker, "client_id: twin, prefix: site, version: " + version)).connected());
  const auto messages = subscriber.wait_for(3);
  ASSERT_THAT(messages, SizeIs(3));
  EXPECT_THAT(messages, Contains(testing::Field(&ReceivedMessage::payload, "offline")));
  EXPECT_THAT(messages, testing::Each(testing::Field(&ReceivedMessage::topic, "site/status")));
}

TEST_F(MqttConnectionTest, HasNoStatusTopicWithAnEmptyPrefix) {
  const MosquittoBroker broker;
  const MosquittoSubscriber subscriber(broker);
  auto& sink = run(yaml(broker, "prefix: ''"));
  ASSERT_TRUE(sink.connected());
  EXPECT_TRUE(sink.close());
  EXPECT_TRUE(broker.wait_for_log("disconnected"));
  EXPECT_THAT(subscriber.messages(), IsEmpty());
}

// Who may connect and publish

TEST_F(MqttConnectionTest, IsRefusedWithAWrongPasswordAndAcceptedWithTheRightOne) {
  const MosquittoBroker broker({.users = {{"bridge", "correct"}}});
  for (const std::string version : {"5", "3.1.1"}) {
    const std::string account = "version: " + version + ", username: bridge, password: ";
    auto& refused = run(yaml(broker, account + "wrong"));
    EXPECT_FALSE(refused.connected());
    EXPECT_EQ(refused.observer.losses.front().category, ErrorCategory::refused);
    EXPECT_THAT(refused.loss(), AllOf(HasSubstr("not authorized"), Not(HasSubstr("wrong"))));
    EXPECT_TRUE(run(yaml(broker, account + "correct")).connected());
  }
}

TEST_F(MqttConnectionTest, ReadsThePasswordFileAtEachConnection) {
  const MosquittoBroker broker({.users = {{"bridge", "second"}}});
  const auto file = broker.directory() / "bridge_password";
  std::ofstream(file) << "first\n";
  const auto settings = mqtt_settings(yaml(broker, "username: bridge, password_file: " + file.string()));
  EXPECT_FALSE(run(settings).connected());
  std::ofstream(file) << "second\n";
  EXPECT_TRUE(run(settings).connected());
  std::filesystem::remove(file);
  auto& sink = run(settings);
  EXPECT_FALSE(sink.connected());
  EXPECT_THAT(sink.loss(), HasSubstr("bridge_password"));
}

TEST_F(MqttConnectionTest, RejectsWhatTheBrokerDoesNotAllow) {
  const MosquittoBroker broker(
      {.users = {{"bridge", "pw"}}, .acl = "user bridge\ntopic write pbx/allowed\ntopic write pbxbridge/#\n"});
  auto& sink = run(yaml(broker, "username: bridge, password: pw"));
  ASSERT_TRUE(sink.connected()) << sink.loss();
  EXPECT_EQ(sink.outcome_of(make_delivery(1, "pbx/allowed", payload)).kind, delivered);
  const auto refused = sink.outcome_of(make_delivery(2, "pbx/forbidden", payload));
  EXPECT_EQ(refused.kind, reject);
  EXPECT_THAT(refused.reason, HasSubstr("not authorized"));
  EXPECT_EQ(sink.outcome_of(make_delivery(3, "pbx/allowed", payload)).kind, delivered);
}

TEST_F(MqttConnectionTest, SaysOfAnUnsetPasswordNothing) {
  const MosquittoBroker broker({.users = {{"bridge", "pw"}}});
  EXPECT_FALSE(run(yaml(broker)).connected());
}

// TLS and WebSocket

TEST_F(MqttConnectionTest, VerifiesTheBrokersCertificate) {
  const MosquittoBroker broker({.tls = true});
  const std::string tls = "tls: {ca_file: " + broker.ca_file().string() + "}";
  auto& sink = run("{" + url("mqtts", "localhost", broker.tls_port()) + ", " + tls + "}");
  ASSERT_TRUE(sink.connected()) << sink.loss();
  EXPECT_EQ(sink.outcome_of(make_delivery(1, "pbx", payload)).kind, delivered);
  EXPECT_THAT(sink.observer.notices, IsEmpty());
}

TEST_F(MqttConnectionTest, RefusesACertificateOfAnUnknownAuthority) {
  const MosquittoBroker broker({.tls = true});
  const MosquittoBroker other({.tls = true});
  for (const std::string& tls : {std::string(), ", tls: {ca_file: " + other.ca_file().string() + "}"}) {
    auto& sink = run("{" + url("mqtts", "localhost", broker.tls_port()) + tls + "}");
    EXPECT_FALSE(sink.connected());
    EXPECT_EQ(sink.observer.losses.front().category, ErrorCategory::tls);
    EXPECT_THAT(sink.loss(), HasSubstr("certificate verify failed"));
  }
}

TEST_F(MqttConnectionTest, RefusesACertificateForAnotherName) {
  const MosquittoBroker broker({.tls = true, .certificate_name = "broker.example"});
  const std::string tls = ", tls: {ca_file: " + broker.ca_file().string();
  auto& sink = run("{" + url("mqtts", "localhost", broker.tls_port()) + tls + "}}");
  EXPECT_FALSE(sink.connected());
  EXPECT_EQ(sink.observer.losses.front().category, ErrorCategory::tls);
  EXPECT_THAT(sink.loss(), AllOf(HasSubstr("another name"), HasSubstr("localhost")));
}

TEST_F(MqttConnectionTest, ShoutsWhereItVerifiesNothing) {
  const MosquittoBroker broker({.tls = true, .certificate_name = "broker.example"});
  config::Report report;
  const auto node = config::parse_document(
      "{" + url("mqtts", "localhost", broker.tls_port()) + ", tls: {insecure_skip_verify: true}}", report);
  auto& sink = run(sink::mqtt_sink_type.read(node.value(), report));
  ASSERT_TRUE(sink.connected()) << sink.loss();
  EXPECT_THAT(sink.observer.notices, Contains(HasSubstr("NOT verified")));
}

TEST_F(MqttConnectionTest, NamesAFileThatItCannotRead) {
  auto& sink = run("{url: 'mqtts://localhost:1', tls: {ca_file: /nowhere/ca.pem}}");
  EXPECT_FALSE(sink.connected());
  EXPECT_THAT(sink.loss(), HasSubstr("/nowhere/ca.pem"));
}

TEST_F(MqttConnectionTest, SpeaksWebSocket) {
  const MosquittoBroker broker({.tls = true});
  const std::string tls = ", tls: {ca_file: " + broker.ca_file().string() + "}";
  for (const std::string& settings : {"{" + url("ws", "localhost", broker.websocket_port()) + "}",
                                      "{" + url("wss", "localhost", broker.secure_websocket_port()) + tls + "}"}) {
    auto& sink = run(settings);
    ASSERT_TRUE(sink.connected()) << settings << ": " << sink.loss();
    EXPECT_EQ(sink.outcome_of(make_delivery(1, "pbx", std::string(100'000, 'x'))).kind, delivered) << settings;
    EXPECT_TRUE(sink.close());
  }
}

TEST_F(MqttConnectionTest, IgnoresAProxyInTheEnvironment) {
  EXPECT_EQ(std::getenv("http_proxy"), nullptr);
  EXPECT_EQ(std::getenv("https_proxy"), nullptr);
}

// Brokers that are not there

TEST_F(MqttConnectionTest, SaysWhyThereIsNoConnection) {
  MosquittoBroker broker({.tls = true});
  const std::string port = std::to_string(broker.port());
  EXPECT_THAT(run("{url: 'wss://localhost:" + port + "', tls: {ca_file: " + broker.ca_file().string() + "}}").loss(),
              HasSubstr("TLS with localhost:" + port));
  broker.stop();
  for (const std::string scheme : {"mqtt", "mqtts", "ws"})
    EXPECT_THAT(run("{url: '" + scheme + "://localhost:" + port + "'}").loss(),
                AllOf(HasSubstr("localhost:" + port), HasSubstr("Connection refused")));
  EXPECT_THAT(run("url: 'mqtt://no-such-host.invalid'").loss(), HasSubstr("no-such-host.invalid"));
}

TEST_F(MqttConnectionTest, GivesUpOnABrokerThatDoesNotAnswer) {
  const MosquittoBroker broker;
  broker.freeze();
  EXPECT_THAT(run(yaml(broker, "connect_timeout: 500ms")).loss(5s), HasSubstr("within 500 ms"));
  broker.thaw();
}

TEST_F(MqttConnectionTest, GivesUpOnABrokerThatAcknowledgesNothing) {
  const MosquittoBroker broker;
  auto& sink = run(yaml(broker, "ack_timeout: 1s"));
  ASSERT_TRUE(sink.connected());
  broker.freeze();
  ASSERT_TRUE(sink.deliver(make_delivery(1, "pbx", payload)));
  EXPECT_THAT(sink.loss(5s), HasSubstr("not acknowledged"));
  broker.thaw();
}

TEST_F(MqttConnectionTest, NoticesASilentBrokerByKeepAliveWithNothingInFlight) {
  const MosquittoBroker broker;
  auto& sink = run(yaml(broker, "keep_alive: 1s"));
  ASSERT_TRUE(sink.connected());
  broker.freeze();
  EXPECT_THAT(sink.loss(10s), HasSubstr("broke"));
  broker.thaw();
}

TEST_F(MqttConnectionTest, TakesTheBrokersKeepAliveWithTheNextConnection) {
  const MosquittoBroker broker({.config = {"max_keepalive 10"}});
  const auto settings = mqtt_settings(yaml(broker, "keep_alive: 60s"));
  EXPECT_THAT(run(settings).loss(), HasSubstr("keep alive of 10 s"));
  EXPECT_TRUE(run(settings).connected());
  EXPECT_TRUE(broker.wait_for_log("k10"));
}

TEST_F(MqttConnectionTest, LosesTheConnectionWithTheBroker) {
  MosquittoBroker broker;
  auto& sink = run(yaml(broker));
  ASSERT_TRUE(sink.connected());
  broker.kill();
  EXPECT_THAT(sink.loss(), HasSubstr("broke"));
}

// Takeover

TEST_F(MqttConnectionTest, RecognisesASessionTakenOverAndWaits) {
  ScriptedMqttBroker broker(loop_.executor());
  const auto settings = mqtt_settings("{" + url("mqtt", "127.0.0.1", broker.port()) + ", client_id: twin}");
  auto& first = run(settings);
  ASSERT_TRUE(first.connected()) << first.loss();
  broker.disconnect(0x8E);
  EXPECT_THAT(first.loss(), AllOf(HasSubstr("taken over"), HasSubstr("twin"), HasSubstr("30 s")));
  auto& again = run(settings);
  loop_.run_for(1s);
  EXPECT_THAT(again.observer.connections, IsEmpty());
  EXPECT_THAT(again.observer.losses, IsEmpty());
  EXPECT_TRUE(again.close()) << "while it waits";
}

// mosquitto 2.0.11 closes the connection without a word in both versions.
TEST_F(MqttConnectionTest, SuspectsATwinAfterThreeInstantDrops) {
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
    EXPECT_THAT(loss, AllOf(HasSubstr("another client"), HasSubstr("twin"), HasSubstr("30 s")));
    sinks_.clear();
  }
}

// Answers that mosquitto never gives

TEST_F(MqttConnectionTest, TellsTheBrokersReasonForItsEnd) {
  ScriptedMqttBroker broker(loop_.executor());
  auto& sink = run("{" + url("mqtt", "127.0.0.1", broker.port()) + "}");
  ASSERT_TRUE(sink.connected()) << sink.loss();
  broker.disconnect(0x8B);
  EXPECT_THAT(sink.loss(), HasSubstr("server shutting down"));
}

TEST_F(MqttConnectionTest, GivesTheOutcomeOfEachRefusalWithTheBrokersWords) {
  ScriptedMqttBroker broker(loop_.executor());
  auto& sink = run("{" + url("mqtt", "127.0.0.1", broker.port()) + "}");
  ASSERT_TRUE(sink.connected()) << sink.loss();
  for (const auto& row : sink::publish_reasons()) {
    broker.acknowledge = [&](const auto&) {
      return ScriptedMqttBroker::Acknowledgement{static_cast<std::uint8_t>(row.code), "because"};
    };
    const auto outcome = sink.outcome_of(make_delivery(static_cast<std::uint64_t>(row.code), "pbx", payload));
    EXPECT_EQ(outcome.kind, row.kind) << row.text;
    EXPECT_EQ(outcome.reason.find("because") != std::string::npos, row.kind != delivered) << outcome.reason;
  }
}

TEST_F(MqttConnectionTest, GoesOnWithoutAStatusTopicThatIsRefused) {
  ScriptedMqttBroker broker(loop_.executor());
  broker.acknowledge = [](const auto& message) {
    return ScriptedMqttBroker::Acknowledgement{message.topic == "pbx" ? std::uint8_t{0} : std::uint8_t{0x87}, {}};
  };
  auto& sink = run("{" + url("mqtt", "127.0.0.1", broker.port()) + "}");
  ASSERT_TRUE(sink.connected()) << sink.loss();
  EXPECT_EQ(sink.outcome_of(make_delivery(1, "pbx", payload)).kind, delivered);
  EXPECT_THAT(sink.observer.notices, Contains(HasSubstr("pbxbridge/board/status")));
}

TEST_F(MqttConnectionTest, RejectsAQosAboveTheBrokersMaximum) {
  ScriptedMqttBroker broker(loop_.executor());
  broker.connect_properties = std::string{'\x24', '\0'};  // Maximum QoS: 0
  auto& sink = run("{" + url("mqtt", "127.0.0.1", broker.port()) + ", prefix: ''}");
  ASSERT_TRUE(sink.connected()) << sink.loss();
  EXPECT_THAT(sink.outcome_of(make_delivery(1, "pbx", payload)).reason, HasSubstr("QoS 0 at the most"));
  DeliveryOptions qos_0;
  qos_0.qos = 0;
  EXPECT_EQ(sink.outcome_of(make_delivery(2, "pbx", payload, qos_0)).kind, delivered);
}

// Limits

TEST_F(MqttConnectionTest, KeepsToTheBrokersReceiveMaximum) {
  const MosquittoBroker broker({.max_inflight_messages = 1});
  auto& sink = run(yaml(broker));
  ASSERT_TRUE(sink.connected());
  EXPECT_EQ(sink.sink->window(), 1U);
  broker.freeze();
  EXPECT_TRUE(sink.deliver(make_delivery(1, "pbx", payload)));
  EXPECT_FALSE(sink.deliver(make_delivery(2, "pbx", payload)));
  broker.thaw();
  ASSERT_TRUE(loop_.run_until([&] { return sink.observer.writable_calls == 1; }));
  EXPECT_EQ(sink.outcome_of(make_delivery(2, "pbx", payload)).kind, delivered);
}

TEST_F(MqttConnectionTest, TakesTheBrokersWindowOrItsOwnWhereTheBrokerSaysNone) {
  const MosquittoBroker broker({.max_inflight_messages = 500});
  auto& version_5 = run(yaml(broker));
  ASSERT_TRUE(version_5.connected());
  EXPECT_EQ(version_5.sink->window(), 500U);
  auto& version_3 = run(yaml(broker, "version: 3.1.1"));
  ASSERT_TRUE(version_3.connected());
  EXPECT_EQ(version_3.sink->window(), 20U);
}

TEST_F(MqttConnectionTest, RejectsWhatIsLargerThanTheBrokerTakes) {
  const MosquittoBroker broker({.config = {"max_packet_size 1000"}});
  auto& sink = run(yaml(broker));
  ASSERT_TRUE(sink.connected());
  const auto refused = sink.outcome_of(make_delivery(1, "pbx", std::string(1000, 'x')));
  EXPECT_EQ(refused.kind, reject);
  EXPECT_THAT(refused.reason, HasSubstr("packet too large"));
  EXPECT_EQ(sink.outcome_of(make_delivery(2, "pbx", std::string(900, 'x'))).kind, delivered);
}

TEST_F(MqttConnectionTest, RejectsRetainedMessagesWhereTheBrokerTakesNone) {
  const MosquittoBroker broker({.config = {"retain_available false"}});
  EXPECT_THAT(run(yaml(broker)).loss(), HasSubstr("set prefix to an empty text"));
  auto& sink = run(yaml(broker, "prefix: ''"));
  ASSERT_TRUE(sink.connected()) << sink.loss();
  DeliveryOptions retained;
  retained.retain = true;
  EXPECT_EQ(sink.outcome_of(make_delivery(1, "pbx", payload, retained)).kind, reject);
  EXPECT_EQ(sink.outcome_of(make_delivery(2, "pbx", payload)).kind, delivered);
}

TEST_F(MqttConnectionTest, DestroysAConnectedSinkAtOnce) {
  const MosquittoBroker broker;
  for (int i = 0; i < 3; ++i) {
    auto& sink = run(yaml(broker));
    ASSERT_TRUE(sink.connected());
    const auto begin = std::chrono::steady_clock::now();
    sink.sink.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 200ms) << "the io thread waited for the library";
  }
}

}  // namespace
}  // namespace pbxbridge::test
