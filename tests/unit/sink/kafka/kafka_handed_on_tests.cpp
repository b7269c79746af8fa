// Each setting of the sink on its way to librdkafka. A field that is declared and not listed here fails a test, and so
// does one that is listed and does not arrive.

#include "pbxbridge/config/document.hpp"
#include "pbxbridge/config/schema.hpp"
#include "sink/kafka/kafka_options_check.hpp"
#include "sink/kafka/kafka_settings.hpp"
#include "sink/kafka/kafka_sink.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace pbxbridge::sink {
namespace {

using testing::IsEmpty;

using Options = std::map<std::string, std::string>;

/// A setting with a value other than its default, and what librdkafka gets for it.
struct HandedOn {
  std::string yaml;  ///< a line after `brokers`, unless it begins with that
  Options options;
  /// Part of what a check makes a producer from. Left out there is what would connect or read files.
  bool is_checked = true;
};

const std::string account = "mechanism: SCRAM-SHA-256, username: bridge, password: sesame";
const std::string token_account =
    "mechanism: OAUTHBEARER, token_endpoint: 'https://login.example.com', client_id: b, client_secret: x";

const std::map<std::string, HandedOn> handed_on = {
    {"brokers", {"brokers: ['one:9092', 'two:9093']", {{"bootstrap.servers", "one:9092,two:9093"}}, false}},
    {"compression", {"compression: zstd", {{"compression.codec", "zstd"}}}},
    {"client_id", {"client_id: hq", {{"client.id", "hq"}}}},
    {"queue_size", {"queue_size: 8MiB", {{"queue.buffering.max.kbytes", "8192"}}}},
    {"options", {"options: {linger.ms: 7}", {{"linger.ms", "7"}}}},
    {"sasl.mechanism", {"sasl: {" + account + "}", {{"sasl.mechanism", "SCRAM-SHA-256"}}}},
    {"sasl.username", {"sasl: {" + account + "}", {{"sasl.username", "bridge"}}}},
    {"sasl.password", {"sasl: {" + account + "}", {{"sasl.password", "sesame"}}, false}},
    {"tls.ca_file", {"tls: {ca_file: /ca.pem}", {{"ssl.ca.location", "/ca.pem"}}, false}},
    {"tls.cert_file",
     {"tls: {cert_file: /cert.pem, key_file: /key.pem}", {{"ssl.certificate.location", "/cert.pem"}}, false}},
    {"tls.key_file", {"tls: {cert_file: /cert.pem, key_file: /key.pem}", {{"ssl.key.location", "/key.pem"}}, false}},
    {"tls.key_password",
     {"tls: {cert_file: /cert.pem, key_file: /key.pem, key_password: latch}", {{"ssl.key.password", "latch"}}, false}},
    {"tls.insecure_skip_verify",
     {"tls: {insecure_skip_verify: true}", {{"enable.ssl.certificate.verification", "false"}}, false}},
};

/// Settings that the sink uses by itself; the tests named show their effect.
const std::map<std::string, std::string> used_by_the_sink = {
    {"format", "kafka_cloudevents_tests.cpp"},        {"attributes", "kafka_cloudevents_tests.cpp"},
    {"create_topics", "kafka_sink_tests.cpp"},        {"connect_timeout", "kafka_mock_cluster_tests.cpp"},
    {"sasl.token_endpoint", "kafka_oauth_tests.cpp"}, {"sasl.client_id", "kafka_oauth_token_tests.cpp"},
    {"sasl.client_secret", "kafka_oauth_tests.cpp"},  {"sasl.scope", "kafka_oauth_token_tests.cpp"},
    {"sasl.extensions", "kafka_oauth_tests.cpp"},     {"sasl.token_endpoint_tls", "kafka_oauth_tests.cpp"},
};

/// Settings of every peer that a broker of Kafka cannot be connected to with.
const std::map<std::string, std::string> rejected = {
    {"tls.server_name", "tls: {server_name: kafka}"},
    {"tls.alpn", "tls: {alpn: [kafka]}"},
};

struct Read {
  std::shared_ptr<const KafkaSettings> settings;
  std::vector<std::string> errors;
};

Read read(const std::string& line) {
  config::Report report;
  const std::string brokers = line.starts_with("brokers") ? "" : "brokers: ['kafka:9092']\n";
  const auto node = config::parse_document("type: kafka\n" + brokers + line + "\n", report);
  Read read{std::dynamic_pointer_cast<const KafkaSettings>(kafka_sink_type.read(node.value(), report)), {}};
  for (const auto& problem : report.problems())
    if (!problem.warning) read.errors.push_back(problem.text);
  return read;
}

/// The last of a name counts.
Options by_name(const std::vector<KafkaOption>& list) {
  Options options;
  for (const auto& [name, value] : list) options[name] = value;
  return options;
}

Options options_of(const std::string& line) {
  const auto settings = read(line).settings;
  return by_name(kafka_options(*settings, read_kafka_credentials(*settings).value()));
}

/// Names of all fields, those of structs with the struct's name before them.
void add_names(const config::SchemaBase& schema, const std::string& prefix, std::vector<std::string>& names) {
  for (const config::Field& field : schema.fields()) {
    const std::string name = prefix + field.name;
    if (field.type.object == nullptr || used_by_the_sink.contains(name))
      names.push_back(name);
    else
      add_names(field.type.object(), name + ".", names);
  }
}

TEST(KafkaSettingsHandedOn, AreAllThatThereAre) {
  std::vector<std::string> names;
  add_names(KafkaSettings::schema(), "", names);
  for (const std::string& name : names)
    EXPECT_EQ(handed_on.count(name) + used_by_the_sink.count(name) + rejected.count(name), 1U)
        << name
        << ": hand it on in kafka_options, and list it here; or use it in the sink, and say which test shows it";
  EXPECT_EQ(names.size(), handed_on.size() + used_by_the_sink.size() + rejected.size());
}

TEST(KafkaSettingsHandedOn, ArriveAtLibrdkafka) {
  const Options untouched = options_of("");
  for (const auto& [name, setting] : handed_on) {
    EXPECT_THAT(read(setting.yaml).errors, IsEmpty()) << name;
    const Options options = options_of(setting.yaml);
    for (const auto& [option, value] : setting.options) {
      EXPECT_TRUE(options.contains(option) && options.at(option) == value) << name << " as " << option;
      EXPECT_FALSE(untouched.contains(option) && untouched.at(option) == value) << name << " has its default here";
    }
  }
}

/// An option of the operator's may be wrong only together with another one.
TEST(KafkaSettingsHandedOn, ArriveAtTheCheckUnlessTheyWouldReachOut) {
  for (const auto& [name, setting] : handed_on) {
    const Options options = by_name(kafka_options_to_check(*read(setting.yaml).settings));
    for (const auto& [option, value] : setting.options)
      EXPECT_EQ(options.contains(option) && options.at(option) == value, setting.is_checked)
          << name << " as " << option;
  }
  const Options options =
      by_name(kafka_options_to_check(*read("tls: {ca_file: /ca}\nsasl: {" + account + "}").settings));
  EXPECT_EQ(options.at("security.protocol"), "sasl_plaintext");
}

TEST(KafkaSettingsHandedOn, ChooseTheSecurityProtocol) {
  const std::string sasl = "sasl: {" + account + "}\n";
  EXPECT_EQ(options_of("").at("security.protocol"), "plaintext");
  EXPECT_EQ(options_of("tls: {}").at("security.protocol"), "ssl");
  EXPECT_EQ(options_of(sasl).at("security.protocol"), "sasl_plaintext");
  EXPECT_EQ(options_of(sasl + "tls: {}").at("security.protocol"), "sasl_ssl");
  EXPECT_EQ(options_of("sasl: {" + token_account + "}\n").at("sasl.mechanism"), "OAUTHBEARER");
}

TEST(KafkaSettings, ThatNoBrokerHeedsAreErrors) {
  for (const auto& [name, yaml] : rejected)
    EXPECT_THAT(read(yaml).errors, testing::ElementsAre(testing::HasSubstr(name))) << name;
}

}  // namespace
}  // namespace pbxbridge::sink
