// `pbxbridge check --connect`: brokers, and what it leaves behind there.

#include "examination.hpp"
#include "free_port.hpp"
#include "kafka_admin.hpp"
#include "kafka_broker.hpp"
#include "kafka_consumer.hpp"
#include "kafka_java.hpp"
#include "mosquitto_broker.hpp"
#include "mosquitto_subscriber.hpp"
#include "session_fixture.hpp"
#include "tcp_peer.hpp"
#include "tcp_relay.hpp"
#include "unreachable_address.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

namespace pbxbridge::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class SinkExamination : public testing::Test {
 protected:
  /// The sink `s` with these fields, and a route to it.
  Examined examine_sink(const std::string& fields, const std::string& to = "topic: calls",
                        const std::string& match = "{}") {
    return examine(everything_of(simulator_.url()) + sink(fields, to, match) + spool_in(directory_ / "spool"));
  }
  static std::string sink(const std::string& fields, const std::string& to = "topic: calls",
                          const std::string& match = "{}") {
    return "sinks:\n  s: { " + fields + " }\nroutes:\n  - match: " + match + "\n    to: { sink: s, " + to + " }\n";
  }
  static std::string url_of(const MosquittoBroker& broker) {
    return "mqtt://127.0.0.1:" + std::to_string(broker.port());
  }

  Simulator simulator_;
  TemporaryDirectory directory_;
};

using MqttExamination = SinkExamination;

TEST_F(MqttExamination, FindsEachStep) {
  MosquittoBroker broker({.config = {"max_packet_size 8000000"}, .max_inflight_messages = 33});
  const Examined found = examine_sink("type: mqtt, url: \"" + url_of(broker) + "\"", "topic: \"pbx/{family}\"",
                                      "{ family: [cdr, queue] }");
  EXPECT_EQ(found.exit_code, 0) << found.transcript;
  EXPECT_EQ(found.level("sink s", "TCP"), "ok");
  EXPECT_EQ(found.level("sink s", "account"), "ok");
  EXPECT_THAT(found.words("sink s", "limits"),
              AllOf(HasSubstr("Receive Maximum 33"), HasSubstr("Maximum Packet Size 8000000 bytes")));
  for (const char* topic : {"pbx/cdr", "pbx/queue", "pbx/unroutable", "pbxbridge/s/status"})
    EXPECT_EQ(found.level("sink s", std::string("right to write ") + topic), "ok") << topic << found.transcript;
}

TEST_F(MqttExamination, LeavesNothingBehind) {
  MosquittoBroker broker;
  MosquittoSubscriber subscriber(broker.access(), "#");
  const Examined found = examine_sink("type: mqtt, url: \"" + url_of(broker) +
                                          "\", client_id: board, clean_start: false, session_expiry: 1h, retain: true",
                                      "topic: \"pbx/{event_type}\"");
  EXPECT_EQ(found.exit_code, 0) << found.transcript;
  EXPECT_EQ(found.level("sink s", "right to write pbx/call_start"), "ok") << found.transcript;
  // Comes after whatever the examination has sent.
  Process mark({"mosquitto_pub", "-p", std::to_string(broker.port()), "-t", "mark", "-m", "end", "-q", "1"});
  ASSERT_EQ(mark.wait(), 0);
  ASSERT_EQ(subscriber.wait_for(1).size(), 1U);
  EXPECT_EQ(subscriber.messages().size(), 1U);
  EXPECT_EQ(subscriber.messages().front().topic, "mark");
  const MosquittoSubscriber later(broker.access(), "#");
  EXPECT_TRUE(later.messages().empty());
  for (const std::string& line : broker.log()) EXPECT_THAT(line, Not(HasSubstr(" as board "))) << line;
}

TEST_F(MqttExamination, LeavesTheSessionOfARunningBridgeAlone) {
  MosquittoBroker broker;
  const std::string configuration = everything_of(simulator_.url()) +
                                    sink("type: mqtt, url: \"" + url_of(broker) + "\", client_id: board") +
                                    spool_in(directory_ / "spool");
  BridgeProcess bridge(configuration);
  ASSERT_TRUE(bridge.wait_for_metric(R"(pbxbridge_sink_connected{sink="s"})", 1)) << bridge.process().transcript();
  const Examined found = examine(configuration);
  EXPECT_EQ(found.exit_code, 0) << found.transcript;
  EXPECT_EQ(bridge.metric(R"(pbxbridge_sink_connected{sink="s"})"), 1);
  EXPECT_FALSE(broker.log().empty());
  for (const std::string& line : broker.log()) EXPECT_THAT(line, Not(HasSubstr("already connected"))) << line;
  EXPECT_EQ(bridge.stop(), 0);
}

TEST_F(MqttExamination, TellsATopicThatTheAccountMayNotWrite) {
  MosquittoBroker broker(
      {.users = {{"bridge", "pw"}}, .acl = "user bridge\ntopic write pbx/cdr\ntopic write pbxbridge/#\n"});
  const Examined found = examine_sink("type: mqtt, url: \"" + url_of(broker) + "\", username: bridge, password: pw",
                                      "topic: \"pbx/{family}\", fallback_topic: pbx/cdr");
  EXPECT_EQ(found.exit_code, 69);
  EXPECT_EQ(found.level("sink s", "right to write pbx/cdr"), "ok") << found.transcript;
  EXPECT_EQ(found.level("sink s", "right to write pbx/queue"), "error");
  EXPECT_THAT(found.words("sink s", "right to write pbx/queue"), HasSubstr("not authorized"));
}

TEST_F(MqttExamination, TellsAWrongPassword) {
  MosquittoBroker broker({.users = {{"bridge", "pw"}}});
  const Examined found =
      examine_sink("type: mqtt, url: \"" + url_of(broker) + "\", username: bridge, password: open-sesame");
  EXPECT_EQ(found.exit_code, 69);
  EXPECT_EQ(found.level("sink s", "account"), "error") << found.transcript;
  EXPECT_THAT(found.remedy("sink s", "account"), HasSubstr("check username and password"));
  EXPECT_THAT(found.transcript, Not(HasSubstr("open-sesame")));
}

TEST_F(MqttExamination, WarnsWhereRightsCannotBeExamined) {
  MosquittoBroker broker;
  const Examined found = examine_sink("type: mqtt, version: \"3.1.1\", url: \"" + url_of(broker) + "\"");
  EXPECT_EQ(found.exit_code, 0) << found.transcript;
  EXPECT_EQ(found.level("sink s", "rights"), "warning");
}

TEST_F(MqttExamination, TellsAServiceThatTheBrokerDoesNotGive) {
  MosquittoBroker broker({.config = {"retain_available false"}});
  const Examined found = examine_sink("type: mqtt, retain: true, url: \"" + url_of(broker) + "\"");
  EXPECT_EQ(found.exit_code, 69);
  EXPECT_EQ(found.level("sink s", "limits"), "error") << found.transcript;
  EXPECT_THAT(found.words("sink s", "limits"), HasSubstr("retained messages not taken; and retain is true"));
}

TEST_F(MqttExamination, TellsCertificates) {
  MosquittoBroker broker({.tls = true, .certificate_name = "mqtt.example.test"});
  const std::string url = "mqtts://127.0.0.1:" + std::to_string(broker.tls_port());
  const Examined wrong_name =
      examine_sink("type: mqtt, url: \"" + url + "\", tls: { ca_file: " + broker.ca_file().string() + " }");
  EXPECT_EQ(wrong_name.exit_code, 69);
  EXPECT_THAT(wrong_name.words("sink s", "TLS"), HasSubstr("for mqtt.example.test")) << wrong_name.transcript;
  EXPECT_THAT(wrong_name.remedy("sink s", "TLS"), HasSubstr("tls.server_name: mqtt.example.test"));
  const Examined unknown = examine_sink("type: mqtt, url: \"" + url + "\"");
  EXPECT_THAT(unknown.remedy("sink s", "TLS"), HasSubstr("tls.ca_file")) << unknown.transcript;
  const Examined right = examine_sink("type: mqtt, url: \"" + url + "\", tls: { ca_file: " + broker.ca_file().string() +
                                      ", server_name: mqtt.example.test }");
  EXPECT_EQ(right.exit_code, 0) << right.transcript;
  // Made for two days, less the seconds that have gone by since: it is to be renewed soon.
  EXPECT_EQ(right.level("sink s", "TLS"), "warning");
  EXPECT_THAT(right.words("sink s", "TLS"), AnyOf(HasSubstr("1 day left"), HasSubstr("2 days left")));
}

TEST_F(MqttExamination, TellsAnExpiredCertificate) {
  MosquittoBroker broker({.tls = true});
  broker.kill();
  Process openssl({"sh", "-c",
                   "openssl x509 -req -in request.pem -CA ca.pem -CAkey ca.key -out cert.pem -days -1 "
                   "-copy_extensions copy"},
                  {.environment = {}, .working_directory = broker.directory(), .network_namespace = {}});
  ASSERT_EQ(openssl.wait(), 0) << openssl.transcript();
  broker.start();
  const Examined found = examine_sink("type: mqtt, url: \"mqtts://localhost:" + std::to_string(broker.tls_port()) +
                                      "\", tls: { ca_file: " + broker.ca_file().string() + " }");
  EXPECT_EQ(found.exit_code, 69);
  EXPECT_THAT(found.words("sink s", "TLS"), AllOf(HasSubstr("certificate has expired"), HasSubstr("expired 1 day ago")))
      << found.transcript;
  EXPECT_THAT(found.remedy("sink s", "TLS"), HasSubstr("renew the certificate"));
}

TEST_F(MqttExamination, TellsPortsOfOthers) {
  const MuteListener mute;
  const Examined silent = examine_sink("type: mqtt, connect_timeout: 500ms, url: \"mqtt://" + mute.address() + "\"");
  EXPECT_EQ(silent.exit_code, 69);
  EXPECT_EQ(silent.level("sink s", "account"), "error") << silent.transcript;
  const Examined closed = examine_sink("type: mqtt, url: \"mqtt://127.0.0.1:" + std::to_string(free_port()) + "\"");
  EXPECT_EQ(closed.exit_code, 69);
  EXPECT_THAT(closed.words("sink s", "TCP"), HasSubstr("onnection refused")) << closed.transcript;
}

TEST_F(MqttExamination, TellsWordsOfABrokerWithoutWhatMayBeOfAPerson) {
  const TcpPeer broker([](const TcpConversation& conversation, int) {
    if (conversation.read(2).size() < 2) return;
    const std::string reference = "ask 4915112345678";
    const std::string properties = std::string("\x1C\0", 2) + static_cast<char>(reference.size()) + reference;
    const std::string body = std::string("\0\x9C", 2) + static_cast<char>(properties.size()) + properties;
    conversation.write('\x20' + std::string(1, static_cast<char>(body.size())) + body);
  });
  const Examined found = examine_sink("type: mqtt, url: \"mqtt://127.0.0.1:" + std::to_string(broker.port()) + "\"");
  EXPECT_THAT(found.words("sink s", "account"),
              AllOf(HasSubstr("use another server"), HasSubstr("reported: \"use ask (a number) instead\"")))
      << found.transcript;
  EXPECT_THAT(found.transcript, Not(HasSubstr("4915112345678")));
}

class KafkaExamination : public SinkExamination {
 protected:
  static void SetUpTestSuite() {
    // Accounts other than ANONYMOUS may do what they are granted only.
    KafkaBroker::Options options;
    options.properties = {{"authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"},
                          {"super.users", "User:ANONYMOUS"}};
    broker_ = std::make_unique<KafkaBroker>(options);
  }
  static void TearDownTestSuite() { broker_.reset(); }

  static std::string kafka(const std::string& address, const std::string& more = "") {
    return "type: kafka, brokers: [\"" + address + "\"]" + more;
  }
  static void grant(const std::string& operation, const std::string& topic) {
    Process acl(kafka_java("org.apache.kafka.tools.AclCommand",
                           {"--bootstrap-server", broker_->address(), "--add", "--allow-principal", "User:bridge",
                            "--operation", operation, "--topic", topic}));
    ASSERT_EQ(acl.wait(long_enough), 0) << acl.transcript();
  }

  static std::unique_ptr<KafkaBroker> broker_;
  KafkaAdmin admin_{broker_->address()};
};
std::unique_ptr<KafkaBroker> KafkaExamination::broker_;

TEST_F(KafkaExamination, FindsEachStepAndWritesNothing) {
  const std::string topic = fresh_topic_name();
  admin_.create_topic(topic, 3, {{"max.message.bytes", "2000000"}});
  const Examined found = examine_sink(kafka(broker_->address()), "topic: " + topic);
  EXPECT_EQ(found.exit_code, 0) << found.transcript;
  EXPECT_EQ(found.level("sink s", "TCP"), "ok");
  EXPECT_EQ(found.level("sink s", "account"), "ok");
  EXPECT_THAT(found.words("sink s", "topic " + topic),
              HasSubstr("3 partitions, 1 replica, 1 in sync; min.insync.replicas 1, max.message.bytes 2000000"));
  EXPECT_EQ(found.level("sink s", "right to write " + topic), "ok") << found.transcript;
  EXPECT_TRUE(KafkaConsumer(broker_->address()).read(topic).empty());
}

TEST_F(KafkaExamination, TellsAMissingTopicAndMakesNone) {
  const std::string topic = fresh_topic_name();
  const Examined found = examine_sink(kafka(broker_->address()), "topic: \"" + topic + ".{family}\"");
  EXPECT_EQ(found.exit_code, 69);
  EXPECT_EQ(found.level("sink s", "topic " + topic + ".cdr"), "error") << found.transcript;
  EXPECT_THAT(found.remedy("sink s", "topic " + topic + ".cdr"), HasSubstr("--create --topic " + topic + ".cdr"));
  EXPECT_EQ(found.level("sink s", "topic " + topic + ".unknown"), "warning");
  EXPECT_EQ(admin_.partitions(topic + ".cdr"), 0);
  const Examined made_later =
      examine_sink(kafka(broker_->address(), ", create_topics: { " + topic + ": {} }"), "topic: " + topic);
  EXPECT_EQ(made_later.exit_code, 0) << made_later.transcript;
  EXPECT_EQ(admin_.partitions(topic), 0);
}

TEST_F(KafkaExamination, WarnsOfTopicsThatOnlyEventsName) {
  const Examined found = examine_sink(kafka(broker_->address()), "topic: \"pbx.{queue_number}\"", "{ family: queue }");
  EXPECT_EQ(found.level("sink s", "topic pbx.{queue_number}"), "warning") << found.transcript;
}

TEST_F(KafkaExamination, TellsWhatTheClusterDemands) {
  const std::string topic = fresh_topic_name();
  admin_.create_topic(topic, 1, {{"min.insync.replicas", "2"}});
  const Examined found = examine_sink(kafka(broker_->address()), "topic: " + topic);
  EXPECT_EQ(found.exit_code, 69);
  EXPECT_THAT(found.words("sink s", "topic " + topic), HasSubstr("fewer are in sync")) << found.transcript;
  const std::string small = fresh_topic_name();
  admin_.create_topic(small, 1, {{"max.message.bytes", "100000"}});
  const Examined warned = examine_sink(kafka(broker_->address()), "topic: " + small);
  EXPECT_EQ(warned.exit_code, 0);
  EXPECT_THAT(warned.words("sink s", "topic " + small), HasSubstr("dead letter")) << warned.transcript;
}

TEST_F(KafkaExamination, TellsAWrongAccount) {
  const Examined found = examine_sink(
      kafka(broker_->account_address(), ", sasl: { mechanism: PLAIN, username: bridge, password: open-sesame }"));
  EXPECT_EQ(found.exit_code, 69);
  EXPECT_EQ(found.level("sink s", "account"), "error") << found.transcript;
  EXPECT_THAT(found.words("sink s", "account"), HasSubstr("uthentication failed"));
  EXPECT_THAT(found.transcript, Not(HasSubstr("open-sesame")));
}

TEST_F(KafkaExamination, LogsInOnceWithARejectedAccount) {
  const std::string& address = broker_->account_address();
  TcpRelay relay(static_cast<std::uint16_t>(std::stoi(address.substr(address.find(':') + 1))));
  const Examined found = examine_sink(kafka("127.0.0.1:" + std::to_string(relay.port()),
                                            ", sasl: { mechanism: PLAIN, username: bridge, password: open-sesame }"));
  EXPECT_THAT(found.words("sink s", "account"), HasSubstr("uthentication failed")) << found.transcript;
  EXPECT_EQ(relay.accepted(), 2) << "one of them sees only whether the port is open";
}

TEST_F(KafkaExamination, TellsARightThatTheAccountLacks) {
  const std::string readable = fresh_topic_name();
  const std::string writable = fresh_topic_name();
  const std::string hidden = fresh_topic_name();
  for (const std::string& topic : {readable, writable, hidden}) admin_.create_topic(topic);
  grant("Describe", readable);
  grant("Write", writable);
  const std::string account =
      kafka(broker_->account_address(), ", sasl: { mechanism: PLAIN, username: bridge, password: sesame }");
  const Examined refused = examine_sink(account, "topic: " + readable);
  EXPECT_EQ(refused.exit_code, 69);
  EXPECT_EQ(refused.level("sink s", "right to write " + readable), "error") << refused.transcript;
  EXPECT_THAT(refused.words("sink s", "right to write " + readable), HasSubstr("may not write"));
  EXPECT_THAT(refused.remedy("sink s", "right to write " + readable), HasSubstr("kafka-acls.sh"));
  const Examined granted = examine_sink(account, "topic: " + writable);
  EXPECT_EQ(granted.exit_code, 0) << granted.transcript;
  EXPECT_EQ(granted.level("sink s", "right to write " + writable), "ok");
  const Examined unseen = examine_sink(account, "topic: " + hidden);
  EXPECT_EQ(unseen.exit_code, 69);
  EXPECT_THAT(unseen.words("sink s", "topic " + hidden), HasSubstr("or the account may not see it"))
      << unseen.transcript;
}

TEST_F(KafkaExamination, TellsCertificatesAndPortsOfOthers) {
  const Examined unknown = examine_sink(kafka(broker_->tls_address(), ", tls: {}"));
  EXPECT_EQ(unknown.exit_code, 69);
  EXPECT_EQ(unknown.level("sink s", "TLS"), "error") << unknown.transcript;
  const Examined right =
      examine_sink(kafka(broker_->tls_address(), ", tls: { ca_file: " + broker_->certificate().string() + " }"));
  EXPECT_EQ(right.level("sink s", "TLS"), "warning") << right.transcript;  // made for two days
  EXPECT_EQ(right.level("sink s", "account"), "ok");
  const MuteListener mute;
  const Examined silent = examine_sink(kafka(mute.address(), ", connect_timeout: 1s"));
  EXPECT_EQ(silent.exit_code, 69);
  EXPECT_EQ(silent.level("sink s", "account"), "error") << silent.transcript;
}

TEST_F(SinkExamination, OfAFileMakesNone) {
  const auto file = directory_ / "out" / "events";
  const Examined missing = examine_sink("type: file, path: " + file.string(), "");
  EXPECT_EQ(missing.exit_code, 69);
  EXPECT_EQ(missing.level("sink s", "writable"), "error") << missing.transcript;
  std::filesystem::create_directory(file.parent_path());
  const Examined found = examine_sink("type: file, path: " + file.string(), "");
  EXPECT_EQ(found.exit_code, 0) << found.transcript;
  EXPECT_FALSE(std::filesystem::exists(file));
}

}  // namespace
}  // namespace pbxbridge::test
