// The sink against Apache Kafka itself, read by librdkafka's consumer.

#include "sink/kafka_sink_fixture.hpp"
#include "support/kafka_admin.hpp"
#include "support/kafka_broker.hpp"
#include "support/kafka_consumer.hpp"
#include "support/kafka_java.hpp"
#include "support/tcp_relay.hpp"
#include "support/unreachable_address.hpp"
#include "support/wait.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace pbxbridge::test {
namespace {

using namespace std::chrono_literals;
using enum Outcome::Kind;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

class KafkaSinkTest : public testing::Test {
 protected:
  std::string new_topic(int partitions = 1, const std::map<std::string, std::string>& options = {}) {
    const std::string name = fresh_topic_name();
    admin_.create_topic(name, partitions, options);
    return name;
  }
  std::shared_ptr<const SinkSettings> settings(const std::string& lines = {}) {
    return kafka_settings(address_, lines);
  }

  const std::string address_ = shared_kafka();
  KafkaAdmin admin_{address_};
  KafkaConsumer consumer_{address_};
  EventLoop loop_;
};

std::vector<std::string> sample_payloads() {
  std::vector<std::string> payloads;
  for (const auto& entry : std::filesystem::directory_iterator(PBXBRIDGE_SOURCE_DIRECTORY "/tests/support/events")) {
    std::ifstream file(entry.path(), std::ios::binary);
    payloads.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return payloads;
}

// Content of a record

TEST_F(KafkaSinkTest, EverySampleArrivesByteForByteInEveryBinaryFormat) {
  const auto payloads = sample_payloads();
  ASSERT_THAT(payloads, SizeIs(18));
  for (const std::string format : {"raw", "cloudevents"}) {
    const auto topic = new_topic();
    RunningKafkaSink sink(loop_, settings("format: " + format + "\n"));
    ASSERT_TRUE(sink.connected());
    for (std::size_t i = 0; i < payloads.size(); ++i)
      ASSERT_TRUE(sink.deliver(kafka_delivery(i + 1, topic, payloads[i])));
    ASSERT_TRUE(sink.settled());
    std::vector<std::string> arrived;
    for (const auto& record : consumer_.read(topic)) arrived.push_back(record.value.value());
    EXPECT_EQ(arrived, payloads) << format;
  }
}

TEST_F(KafkaSinkTest, UntidyBytesArriveAsTheyCame) {
  const auto topic = new_topic();
  const std::vector<std::string> payloads = {"", "not json", std::string("\0\xff\xfe", 3), "{\"a\":1,\"a\":2}",
                                             "{\"n\":123456789012345678901234567890}"};
  RunningKafkaSink sink(loop_, settings());
  ASSERT_TRUE(sink.connected());
  for (std::size_t i = 0; i < payloads.size(); ++i)
    ASSERT_TRUE(sink.deliver(kafka_delivery(i + 1, topic, payloads[i])));
  ASSERT_TRUE(sink.settled());
  const auto records = consumer_.read(topic);
  ASSERT_THAT(records, SizeIs(payloads.size()));
  for (std::size_t i = 0; i < payloads.size(); ++i) EXPECT_EQ(records[i].value, payloads[i]);
}

TEST_F(KafkaSinkTest, ARecordHasKeyTimeAndHeaders) {
  const auto topic = new_topic();
  RunningKafkaSink sink(loop_, settings());
  ASSERT_TRUE(sink.connected());
  ASSERT_EQ(sink.outcome_of(kafka_delivery(1, topic, "{}", "8001")).kind, delivered);
  ASSERT_EQ(sink.outcome_of(kafka_delivery(2, topic, "{}", "")).kind, delivered);
  const auto records = consumer_.read(topic);
  ASSERT_THAT(records, SizeIs(2));
  EXPECT_EQ(records[0].key, "8001");
  EXPECT_EQ(records[1].key, std::nullopt);
  EXPECT_EQ(records[0].timestamp_ms, 1'750'000'000'123);
  EXPECT_EQ(records[0].header("ce_specversion"), "1.0");
  EXPECT_EQ(records[0].header("ce_id"), "0123456789abcdef-0000000000000001");
  EXPECT_EQ(records[0].header("ce_type"), "com.portsip.pbx.queue_status");
  EXPECT_EQ(records[0].header("content-type"), "application/json");
}

TEST_F(KafkaSinkTest, ARouteMayAskForAnotherFormat) {
  const auto topic = new_topic();
  RunningKafkaSink sink(loop_, settings("format: raw\n"));
  ASSERT_TRUE(sink.connected());
  ASSERT_EQ(sink.outcome_of(kafka_delivery(1, topic, "{}")).kind, delivered);
  ASSERT_EQ(sink.outcome_of(kafka_delivery(2, topic, "{}", "", Format::cloudevents_structured)).kind, delivered);
  const auto records = consumer_.read(topic);
  ASSERT_THAT(records, SizeIs(2));
  EXPECT_THAT(records[0].headers, IsEmpty());
  EXPECT_EQ(records[1].header("content-type"), "application/cloudevents+json; charset=utf-8");
  EXPECT_THAT(records[1].value.value(), HasSubstr("\"data\":{}"));
}

TEST_F(KafkaSinkTest, ARemovalIsANullValueInEveryFormat) {
  const auto topic = new_topic();
  RunningKafkaSink sink(loop_, settings());
  ASSERT_TRUE(sink.connected());
  std::uint64_t token = 0;
  for (const Format format : {Format::raw, Format::cloudevents, Format::cloudevents_structured}) {
    auto removal = kafka_delivery(++token, topic, "", "8001", format);
    removal.event = queue_event(R"({"queue_id":"8001","removed":true})", token, true);
    ASSERT_EQ(sink.outcome_of(removal).kind, delivered);
  }
  const auto records = consumer_.read(topic);
  ASSERT_THAT(records, SizeIs(3));
  for (const auto& record : records) {
    EXPECT_EQ(record.value, std::nullopt);
    EXPECT_EQ(record.key, "8001");
    EXPECT_EQ(record.header("content-type"), "") << "there is no content";
  }
  EXPECT_THAT(records[0].headers, IsEmpty());
  EXPECT_EQ(records[1].header("ce_id"), "0123456789abcdef-0000000000000002");
  EXPECT_THAT(records[2].headers, IsEmpty());
}

/// The broker cleans what is before the segment that it writes to, and looks every 15 s.
TEST_F(KafkaSinkTest, ACompactedTopicForgetsWhatWasRemoved) {
  const auto topic =
      new_topic(1, {{"cleanup.policy", "compact"}, {"segment.ms", "100"}, {"min.cleanable.dirty.ratio", "0.001"}});
  RunningKafkaSink sink(loop_, settings("format: raw\n"));
  ASSERT_TRUE(sink.connected());
  std::uint64_t token = 0;
  const auto send = [&](const std::string& key, const std::string& payload, bool is_removal = false) {
    auto delivery = kafka_delivery(++token, topic, payload, key);
    auto event = Event::make(payload, {.received_at = std::chrono::system_clock::now(), .is_removal = is_removal});
    event->accept(Sequence{token}, SpoolId{1});
    delivery.event = std::move(event);
    ASSERT_EQ(sink.outcome_of(delivery).kind, delivered);
  };
  send("8001", "{\"waiting\":1}");
  send("8002", "{\"waiting\":2}");
  send("8001", R"({"queue_id":"8001","removed":true})", true);
  const auto keys_with_a_value = [&] {
    std::set<std::string> keys;
    for (const auto& record : consumer_.read(topic))
      if (record.key != "later" && record.value) keys.insert(record.key.value_or(""));
    return keys;
  };
  EXPECT_TRUE(eventually(
      [&] {
        send("later", "{}");  // which ends a segment
        return keys_with_a_value() == std::set<std::string>{"8002"};
      },
      std::chrono::seconds(90)));
}

class KafkaCompressionTest : public KafkaSinkTest, public testing::WithParamInterface<const char*> {};

TEST_P(KafkaCompressionTest, IsReadByOthers) {
  const auto topic = new_topic();
  RunningKafkaSink sink(loop_, settings("compression: " + std::string(GetParam()) + "\n"));
  ASSERT_TRUE(sink.connected());
  const std::string payload = "{\"text\":\"" + std::string(10'000, 'x') + "\"}";
  ASSERT_EQ(sink.outcome_of(kafka_delivery(1, topic, payload)).kind, delivered);
  EXPECT_EQ(consumer_.read(topic).at(0).value, payload);
}

INSTANTIATE_TEST_SUITE_P(Kinds, KafkaCompressionTest, testing::Values("gzip", "snappy", "lz4", "zstd"));

// Topics

TEST_F(KafkaSinkTest, CreatesTheTopicsThatAreDeclared) {
  const auto created = fresh_topic_name();
  const auto present = new_topic(2);
  RunningKafkaSink sink(loop_, settings("create_topics:\n  " + created +
                                        ": {partitions: 3, replication_factor: 1, options: {retention.ms: 60000}}\n  " +
                                        present + ": {partitions: 5}\n"));
  ASSERT_TRUE(sink.connected());
  EXPECT_THAT(sink.observer.notices, IsEmpty());
  EXPECT_TRUE(eventually([&] { return admin_.partitions(created) == 3; })) << "a broker learns of it a moment later";
  EXPECT_EQ(admin_.partitions(present), 2) << "what exists stays as it is";
  EXPECT_EQ(sink.outcome_of(kafka_delivery(1, created, "{}")).kind, delivered);
}

TEST_F(KafkaSinkTest, SaysWhichTopicCannotBeCreatedAndCarriesOn) {
  const auto topic = new_topic();
  const auto impossible = fresh_topic_name();
  RunningKafkaSink sink(loop_,
                        settings("create_topics: {" + impossible + ": {partitions: 1, replication_factor: 9}}\n"));
  ASSERT_TRUE(sink.connected());
  EXPECT_THAT(sink.observer.notices, Contains(AllOf(HasSubstr(impossible), HasSubstr("eplication factor"))));
  EXPECT_EQ(sink.outcome_of(kafka_delivery(1, topic, "{}")).kind, delivered);
}

TEST_F(KafkaSinkTest, CreatesNoOtherTopicThoughTheBrokerWouldLetIt) {
  const auto topic = fresh_topic_name();
  RunningKafkaSink sink(loop_, settings());
  ASSERT_TRUE(sink.connected());
  const auto event = kafka_delivery(1, topic, "{}");
  const Outcome outcome = sink.outcome_of(event);
  EXPECT_EQ(outcome.kind, retry);
  EXPECT_THAT(outcome.reason, HasSubstr("create it at the brokers"));
  EXPECT_EQ(admin_.partitions(topic), 0);
  admin_.create_topic(topic);
  EXPECT_TRUE(loop_.run_until([&] { return sink.outcome_of(event).kind == delivered; }, 10s))
      << "a topic that comes into being is found soon";
}

TEST_F(KafkaSinkTest, ATopicThatIsDeclaredIsCreatedAgainWhenItGoesMissing) {
  const auto topic = fresh_topic_name();
  RunningKafkaSink sink(loop_, settings("create_topics: {" + topic + ": {partitions: 2}}\n"));
  ASSERT_TRUE(sink.connected());
  ASSERT_EQ(sink.outcome_of(kafka_delivery(1, topic, "{}")).kind, delivered);
  admin_.delete_topic(topic);
  ASSERT_TRUE(loop_.run_until([&] { return admin_.partitions(topic) == 0; }));
  std::uint64_t token = 2;
  EXPECT_TRUE(loop_.run_until([&] { return sink.outcome_of(kafka_delivery(token++, topic, "{}")).kind == delivered; }))
      << sink.observer.outcomes.at(token - 1).reason;
  EXPECT_EQ(admin_.partitions(topic), 2);
  EXPECT_THAT(sink.observer.losses, IsEmpty());
}

// Addresses where the cluster says that its brokers listen

TEST(MisleadingKafka, TheAddressThatItNamesAndWhyItIsNotReachedEndTheConnectionWithinTenSeconds) {
  const FreePort closed;
  const BlackHole black_hole;
  const MuteListener mute;
  TcpRelay resetting(0);
  resetting.reject();
  const std::vector<std::string> advertised = {closed.address(), "kafka.invalid:9092", black_hole.address(),
                                               mute.address(), "127.0.0.1:" + std::to_string(resetting.port())};
  const std::vector<std::string> reasons = {"Connection refused", "not found", "no answer", "does not answer",
                                            advertised.back() + ": "};
  const KafkaBroker broker({.advertised = advertised, .token_keys = {}, .properties = {}});
  EventLoop loop;
  for (std::size_t i = 0; i < advertised.size(); ++i) {
    RunningKafkaSink sink(loop, kafka_settings(broker.misleading_address(i)));
    const Error loss = sink.loss(10s);
    EXPECT_THAT(sink.observer.connections, IsEmpty()) << advertised[i];
    EXPECT_EQ(loss.category, ErrorCategory::network);
    EXPECT_THAT(loss.text, AllOf(HasSubstr(advertised[i]), HasSubstr(reasons[i]), HasSubstr("advertised.listeners")));
  }
}

// Rejections by a broker

TEST_F(KafkaSinkTest, AnEventThatIsTooLargeForItsTopicIsRejectedAndItsNeighboursAreNot) {
  const auto topic = new_topic(1, {{"max.message.bytes", "5000"}});
  RunningKafkaSink sink(loop_, settings("options: {linger.ms: 100}\n"));
  ASSERT_TRUE(sink.connected());
  std::vector<Delivery> waiting;
  for (std::uint64_t n = 1; n <= 20; ++n)
    waiting.push_back(
        kafka_delivery(n, topic, "{\"n\":" + std::to_string(n) + "}" + std::string(n == 7 ? 9000 : 500, ' ')));
  std::map<std::uint64_t, Outcome::Kind> outcomes;
  for (int attempt = 0; attempt < 8 && !waiting.empty(); ++attempt) {
    for (const auto& delivery : waiting) ASSERT_TRUE(loop_.run_until([&] { return sink.deliver(delivery); }));
    ASSERT_TRUE(sink.settled());
    for (const auto& delivery : waiting) outcomes[delivery.token] = sink.observer.outcomes.at(delivery.token).kind;
    std::erase_if(waiting, [&](const auto& delivery) { return outcomes[delivery.token] != resend; });
  }
  EXPECT_EQ(outcomes.extract(7).mapped(), reject);
  for (const auto& [token, kind] : outcomes) EXPECT_EQ(kind, delivered) << token;
  EXPECT_THAT(consumer_.read(topic), SizeIs(19));
}

// Accounts and TLS

TEST(SecuredKafka, TakesTheRightAccountAndCertificateAndRejectsOthersWithTheReason) {
  const KafkaBroker broker;
  EventLoop loop;
  const auto with_password = [&](const std::string& password) {
    return kafka_settings(broker.account_address(),
                          "sasl: {mechanism: PLAIN, username: bridge, password: " + password + "}\n");
  };
  RunningKafkaSink right_password(loop, with_password("sesame"));
  ASSERT_TRUE(right_password.connected());
  EXPECT_THAT(right_password.observer.connections.front(), StartsWith(broker.account_address() + ", 1 broker"));
  RunningKafkaSink wrong_password(loop, with_password("barley"));
  const Error rejection = wrong_password.loss(8s);
  EXPECT_EQ(rejection.category, ErrorCategory::rejected);
  EXPECT_THAT(rejection.text,
              AllOf(HasSubstr(broker.account_address()), HasSubstr("uthentication"), Not(HasSubstr("barley"))));

  const std::string trusted = "tls: {ca_file: " + broker.certificate().string() + "}\n";
  RunningKafkaSink right_certificate(loop, kafka_settings(broker.tls_address(), trusted));
  ASSERT_TRUE(right_certificate.connected());
  EXPECT_THAT(right_certificate.observer.connections.front(), StartsWith(broker.tls_address() + ", 1 broker"));
  RunningKafkaSink unknown_certificate(loop, kafka_settings(broker.tls_address(), "tls: {}\n"));
  const Error distrust = unknown_certificate.loss(8s);
  EXPECT_EQ(distrust.category, ErrorCategory::tls) << distrust.text;
  EXPECT_THAT(distrust.text, AllOf(HasSubstr(broker.tls_address()), HasSubstr("certificate")));
  RunningKafkaSink unverified(loop, kafka_settings(broker.tls_address(), "tls: {insecure_skip_verify: true}\n"));
  EXPECT_TRUE(unverified.connected());

  RunningKafkaSink without_tls(loop, kafka_settings(broker.tls_address()));
  EXPECT_THAT(without_tls.loss(15s).text, HasSubstr(broker.tls_address()));
  RunningKafkaSink needless_tls(loop, kafka_settings(broker.address(), trusted));
  const Error needless = needless_tls.loss(15s);
  EXPECT_EQ(needless.category, ErrorCategory::tls) << needless.text;
}

/// The certificate has its name as the common name alone.
TEST(SecuredKafka, WithACertificateThatNamesItNowhereElseIsNotTrusted) {
  const KafkaBroker broker({.advertised = {}, .token_keys = {}, .properties = {}, .subject_alt_name = {}});
  const std::string address = "localhost" + broker.tls_address().substr(broker.tls_address().rfind(':'));
  EventLoop loop;
  RunningKafkaSink sink(loop, kafka_settings(address, "tls: {ca_file: " + broker.certificate().string() + "}\n"));
  const Error distrust = sink.loss(8s);
  EXPECT_EQ(distrust.category, ErrorCategory::tls) << distrust.text;
  EXPECT_THAT(distrust.text, HasSubstr("certificate"));
  EXPECT_THAT(sink.observer.notices, Contains(HasSubstr("does not name localhost in its subjectAltName")));
}

}  // namespace
}  // namespace pbxbridge::test
