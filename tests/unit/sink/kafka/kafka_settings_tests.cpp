#include "pbxbridge/config/document.hpp"
#include "sink/kafka/kafka_options.hpp"
#include "sink/kafka/kafka_settings.hpp"
#include "sink/kafka/kafka_sink.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>
#include <sys/stat.h>
#include <vector>

namespace pbxbridge::sink {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::SizeIs;

struct Read {
  std::shared_ptr<const KafkaSettings> settings;
  std::vector<std::string> errors;  ///< LINE: TEXT
  std::vector<std::string> warnings;
};

Read read(const std::string& yaml) {
  config::Report report;
  const auto node = config::parse_document(yaml, report);
  Read read{std::dynamic_pointer_cast<const KafkaSettings>(kafka_sink_type.read(node.value(), report)), {}, {}};
  for (const auto& problem : report.problems())
    (problem.warning ? read.warnings : read.errors)
        .push_back(std::to_string(problem.location.line) + ": " + problem.text);
  return read;
}

/// A sink with these further lines, the first of which is line 3.
Read read_with(const std::string& lines) { return read("type: kafka\nbrokers: [\"kafka:9092\"]\n" + lines); }

std::map<std::string, std::string> options_of(const Read& read) {
  std::map<std::string, std::string> options;
  for (const auto& [name, value] : kafka_options(*read.settings, {"sesame", "latch"})) options[name] = value;
  return options;
}

// Settings

TEST(KafkaSettings, NeedsAtLeastOneBroker) {
  EXPECT_THAT(read("type: kafka\nbrokers: []\n").errors, ElementsAre("2: brokers: at least one HOST:PORT is needed"));
}

TEST(KafkaSettings, NeedsOnlyBrokers) {
  const auto [settings, errors, warnings] = read_with("");
  EXPECT_THAT(errors, IsEmpty());
  EXPECT_THAT(warnings, IsEmpty());
  EXPECT_THAT(settings->brokers, ElementsAre("kafka:9092"));
  EXPECT_EQ(settings->format, Format::cloudevents);
  EXPECT_EQ(settings->compression, KafkaCompression::none);
  EXPECT_EQ(settings->connect_timeout, 10s);
  EXPECT_THAT(read("type: kafka").errors, Contains(HasSubstr("brokers")));
}

TEST(KafkaSettings, ReadsEverything) {
  const auto [settings, errors, warnings] = read_with(
      "format: raw\ncompression: zstd\nclient_id: hq\nconnect_timeout: 5s\nqueue_size: 8MiB\n"
      "sasl: {mechanism: SCRAM-SHA-512, username: bridge, password: sesame}\n"
      "tls: {ca_file: /etc/ca.pem}\n"
      "create_topics: {pbx.cdr.v1: {partitions: 6, replication_factor: 3, options: {retention.ms: 1000}}}\n"
      "options: {linger.ms: 5, statistics.interval.ms: \"0\"}\n");
  EXPECT_THAT(errors, IsEmpty());
  EXPECT_EQ(settings->format, Format::raw);
  EXPECT_EQ(settings->compression, KafkaCompression::zstd);
  EXPECT_EQ(settings->sasl->mechanism, SaslMechanism::scram_sha_512);
  EXPECT_EQ(settings->tls->ca_file, "/etc/ca.pem");
  const NewTopicSettings& topic = settings->create_topics.at("pbx.cdr.v1").value;
  EXPECT_EQ(topic.partitions, 6);
  EXPECT_EQ(topic.replication_factor, 3);
  EXPECT_THAT(topic.options, ElementsAre(Pair("retention.ms", "1000")));
  EXPECT_EQ(settings->options.at("linger.ms").value, "5");
}

TEST(KafkaSettings, ATopicToCreateMayLeaveEverythingToTheBroker) {
  const auto [settings, errors, warnings] = read_with("create_topics: {pbx.cdr.v1: {}}\n");
  EXPECT_THAT(errors, IsEmpty());
  EXPECT_FALSE(settings->create_topics.at("pbx.cdr.v1").value.partitions.has_value());
}

class WrongBroker : public testing::TestWithParam<const char*> {};

TEST_P(WrongBroker, IsAnErrorWithItsLine) {
  const auto errors = read("type: kafka\nbrokers:\n  - kafka:9092\n  - \"" + std::string(GetParam()) + "\"\n").errors;
  EXPECT_THAT(errors, ElementsAre(AllOf(testing::StartsWith("4: "), HasSubstr("brokers")))) << GetParam();
}

INSTANTIATE_TEST_SUITE_P(Forms, WrongBroker,
                         testing::Values("", ":9092", "kafka:", "kafka:0", "kafka:70000", "kafka:90a", "a:1,b:2",
                                         "kafka://kafka:9092", "a b:1", "::1:9092", "[::1:9092", "kafka:9092/topic"));

TEST(KafkaSettings, TakesTheUsualFormsOfABroker) {
  EXPECT_THAT(read("brokers: [kafka, \"kafka:9093\", 192.0.2.1:9092, \"[::1]:9092\", \"[::1]\"]").errors, IsEmpty());
}

TEST(KafkaSettings, RejectsATopicNameThatKafkaDoesNotTake) {
  EXPECT_THAT(read_with("create_topics:\n  \"a/b\": {}\n").errors,
              ElementsAre(AllOf(HasSubstr("4: "), HasSubstr("name"))));
  EXPECT_THAT(read_with("create_topics: {\"..\": {}}\n").errors, SizeIs(1));
  EXPECT_THAT(read_with("create_topics: {" + std::string(250, 'a') + ": {}}\n").errors, SizeIs(1));
}

TEST(KafkaSettings, NeedsAPasswordWithAnAccount) {
  EXPECT_THAT(read_with("sasl: {mechanism: PLAIN, username: bridge}\ntls: {}\n").errors,
              ElementsAre(AllOf(HasSubstr("3: "), HasSubstr("password"))));
  EXPECT_THAT(read_with("sasl: {mechanism: GSSAPI, username: bridge, password: x}\n").errors,
              ElementsAre(HasSubstr("SCRAM-SHA-512")));
}

constexpr const char* token_account =
    "mechanism: OAUTHBEARER, token_endpoint: \"https://login.example.com/token\", client_id: bridge, client_secret: x";

TEST(KafkaSettings, EachMechanismHasFieldsOfItsOwn) {
  const auto errors_of = [](const std::string& sasl) { return read_with("sasl: {" + sasl + "}\ntls: {}\n").errors; };
  EXPECT_THAT(errors_of(token_account), IsEmpty());
  EXPECT_THAT(errors_of(std::string(token_account) + ", scope: write, extensions: {logicalCluster: lkc-1}"), IsEmpty());
  EXPECT_THAT(errors_of("mechanism: OAUTHBEARER"),
              ElementsAre(HasSubstr("token_endpoint"), HasSubstr("client_id"), HasSubstr("client_secret_file")));
  EXPECT_THAT(errors_of(std::string(token_account) + ", username: bridge"), ElementsAre(HasSubstr("username")));
  EXPECT_THAT(errors_of("mechanism: PLAIN, username: b, password: x, client_id: c"),
              ElementsAre(AllOf(testing::StartsWith("3: "), HasSubstr("client_id"))));
  EXPECT_THAT(errors_of("mechanism: SCRAM-SHA-256, password: x"), ElementsAre(HasSubstr("username")));
  for (const auto* url : {"login.example.com/token", "ldap://login.example.com", "https://b:x@login.example.com"})
    EXPECT_THAT(errors_of("mechanism: OAUTHBEARER, client_id: b, client_secret: x, token_endpoint: \"" +
                          std::string(url) + "\""),
                ElementsAre(HasSubstr("sasl.token_endpoint")))
        << url;
  EXPECT_THAT(read_with("sasl: {mechanism: OAUTHBEARER, client_id: b, client_secret: x, token_endpoint: "
                        "\"http://login.example.com\"}\ntls: {}\n")
                  .warnings,
              ElementsAre(HasSubstr("readable")));
}

TEST(KafkaSettings, WarnsOfAPasswordThatAnyoneCanRead) {
  EXPECT_THAT(read_with("sasl: {mechanism: PLAIN, username: bridge, password: x}\n").warnings,
              ElementsAre(AllOf(HasSubstr("3: "), HasSubstr("clear text"))));
  EXPECT_THAT(read_with("sasl: {mechanism: PLAIN, username: bridge, password: x}\ntls: {}\n").warnings, IsEmpty());
}

TEST(KafkaSettings, RejectsAServerNameBecauseBrokersHaveTheirOwn) {
  EXPECT_THAT(read_with("tls: {server_name: kafka}\n").errors,
              ElementsAre(AllOf(HasSubstr("3: "), HasSubstr("server_name"))));
}

// Options

TEST(KafkaOptions, AreSafeByDefault) {
  const auto options = options_of(read_with(""));
  EXPECT_EQ(options.at("acks"), "all");
  EXPECT_EQ(options.at("enable.idempotence"), "true");
  EXPECT_EQ(options.at("message.timeout.ms"), "0");
  EXPECT_EQ(options.at("partitioner"), "murmur2_random");
  EXPECT_EQ(options.at("allow.auto.create.topics"), "false");
  EXPECT_EQ(options.at("security.protocol"), "plaintext");
  EXPECT_EQ(options.at("bootstrap.servers"), "kafka:9092");
}

TEST(KafkaOptions, DeriveTheSecurityProtocol) {
  const std::string sasl = "sasl: {mechanism: SCRAM-SHA-256, username: bridge, password: x}\n";
  EXPECT_EQ(options_of(read_with("tls: {}\n")).at("security.protocol"), "ssl");
  EXPECT_EQ(options_of(read_with(sasl)).at("security.protocol"), "sasl_plaintext");
  EXPECT_EQ(options_of(read_with(sasl + "tls: {}\n")).at("security.protocol"), "sasl_ssl");
  EXPECT_EQ(options_of(read_with(sasl)).at("sasl.mechanism"), "SCRAM-SHA-256");
  EXPECT_EQ(options_of(read_with(sasl)).at("sasl.password"), "sesame");
}

TEST(KafkaOptions, CarryTlsFiles) {
  const auto options = options_of(read_with(
      "tls: {ca_file: /ca, cert_file: /cert, key_file: /key, key_password: x, insecure_skip_verify: true}\n"));
  EXPECT_EQ(options.at("ssl.ca.location"), "/ca");
  EXPECT_EQ(options.at("ssl.certificate.location"), "/cert");
  EXPECT_EQ(options.at("ssl.key.location"), "/key");
  EXPECT_EQ(options.at("ssl.key.password"), "latch");
  EXPECT_EQ(options.at("enable.ssl.certificate.verification"), "false");
}

TEST(KafkaOptions, OfTheOperatorComeAfterTheSinksOwn) {
  EXPECT_EQ(options_of(read_with("options: {linger.ms: 5}\n")).at("linger.ms"), "5");
}

TEST(KafkaOptions, AllThatTheSinkSetsIsKnownToLibrdkafka) {
  const auto everything =
      read_with("sasl: {mechanism: PLAIN, username: b, password: x}\ntls: {insecure_skip_verify: true}\n");
  const auto conf = kafka_conf(kafka_options(*everything.settings, {"sesame", ""}));
  EXPECT_TRUE(conf.has_value()) << conf.error().text;
}

TEST(KafkaOptions, AnUnknownOneIsAnErrorWithItsLineAndTheOneThatWasMeant) {
  EXPECT_THAT(
      read_with("options:\n  compression.level: 3\n  lingr.ms: 5\n").errors,
      ElementsAre(AllOf(testing::StartsWith("5: "), HasSubstr("lingr.ms"), HasSubstr("did you mean linger.ms"))));
}

TEST(KafkaOptions, AWrongValueIsAnErrorWithItsLine) {
  EXPECT_THAT(read_with("options:\n  linger.ms: soon\n").errors,
              ElementsAre(AllOf(testing::StartsWith("4: "), HasSubstr("linger.ms"))));
  EXPECT_THAT(read_with("options:\n  acks: 0\n  request.required.acks: 0\n").errors, SizeIs(2));
}

TEST(KafkaOptions, AcksOfNobodyAreAnErrorHoweverTheyAreWritten) {
  for (const std::string zero : {"0", "00", "0x0", " 0", "+0", "-0"})
    EXPECT_THAT(read_with("options: {enable.idempotence: \"false\", acks: \"" + zero + "\"}\n").errors,
                ElementsAre(HasSubstr("nothing counts as delivered")))
        << zero;
}

TEST(KafkaOptions, TakeNoTlsAway) {
  for (const std::string protocol : {"sasl_plaintext", "PLAINTEXT"})
    EXPECT_THAT(read_with("tls: {}\noptions: {security.protocol: " + protocol + "}\n").errors,
                Contains(AllOf(testing::StartsWith("4: "), HasSubstr("takes away the TLS"))));
  const std::string sasl = "sasl: {mechanism: PLAIN, username: b, password: latch}\n";
  EXPECT_THAT(read_with(sasl).warnings, Contains(HasSubstr("clear text")));
  EXPECT_THAT(read_with(sasl + "options: {security.protocol: SASL_SSL}\n").warnings,
              Not(Contains(HasSubstr("clear text"))));
}

TEST(KafkaOptions, WarnWhereBrokersAreNotVerified) {
  EXPECT_THAT(read_with("tls: {}\noptions:\n  enable.ssl.certificate.verification: \"0\"\n"
                        "  ssl.cipher.suites: AES128-SHA\n  ssl.endpoint.identification.algorithm: none\n")
                  .warnings,
              ElementsAre(AllOf(testing::StartsWith("5: "), HasSubstr("pose as the broker")),
                          AllOf(testing::StartsWith("6: "), HasSubstr("ssl.cipher.suites")),
                          AllOf(testing::StartsWith("7: "), HasSubstr("pose as the broker"))));
}

TEST(KafkaOptions, NameNoPipes) {
  const test::TemporaryDirectory directory;
  const std::string pipe = directory / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(read_with("options: {security.protocol: ssl, ssl.ca.location: " + pipe + "}\n").errors,
              ElementsAre(HasSubstr("only a regular file is read")));
}

TEST(KafkaOptions, SomeAreTheSinksOwn) {
  for (const auto* name : {"bootstrap.servers", "allow.auto.create.topics", "transactional.id", "sasl.password",
                           "delivery.report.only.error", "dr_msg_cb"})
    EXPECT_THAT(read_with("options:\n  " + std::string(name) + ": \"true\"\n").errors,
                ElementsAre(AllOf(testing::StartsWith("4: "), HasSubstr(name))))
        << name;
}

TEST(KafkaOptions, ThatContradictEachOtherAreAnError) {
  EXPECT_THAT(read_with("options: {acks: 1}\n").errors,
              ElementsAre(AllOf(testing::StartsWith("3: "), HasSubstr("acks"))));
  EXPECT_THAT(read_with("options: {acks: 1, enable.idempotence: \"false\"}\n").errors, IsEmpty());
}

TEST(KafkaOptions, ThatThisBuildOfLibrdkafkaLacksAreErrorsWithTheirLineAndWhatItHas) {
  for (const auto* mechanism : {"AWS_MSK_IAM", "DIGEST-MD5"})
    EXPECT_THAT(read_with("options:\n  client.rack: a\n  sasl.mechanism: " + std::string(mechanism) + "\n").errors,
                ElementsAre(AllOf(testing::StartsWith("5: "), HasSubstr(mechanism), HasSubstr("sasl_scram"))));
  EXPECT_THAT(read_with("tls: {}\noptions: {sasl.mechanisms: AWS_MSK_IAM, security.protocol: sasl_ssl}\n").errors,
              ElementsAre(HasSubstr("AWS_MSK_IAM")));
}

TEST(KafkaOptions, OfGssapiNeedAKeytab) {
  EXPECT_THAT(read_with("options:\n  sasl.mechanism: GSSAPI\n").errors, ElementsAre(HasSubstr("sasl.kerberos.keytab")));
  EXPECT_THAT(read_with("options: {security.protocol: sasl_plaintext}\n").errors,
              ElementsAre(HasSubstr("sasl.kerberos.keytab")));
  const test::TemporaryDirectory directory;
  const auto ran = directory / "ran";
  EXPECT_THAT(read_with("options:\n  sasl.mechanism: GSSAPI\n  sasl.kerberos.keytab: /nowhere\n"
                        "  sasl.kerberos.kinit.cmd: \"touch " +
                        ran.string() + " %{sasl.kerberos.keytab}\"\n")
                  .errors,
              IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(ran)) << "a check runs no program";
}

TEST(KafkaOptions, OfOauthbearerAreNotEnough) {
  EXPECT_THAT(read_with("options:\n  client.rack: a\n  sasl.mechanisms: OAUTHBEARER\n").errors,
              ElementsAre(AllOf(testing::StartsWith("5: "), HasSubstr("token_endpoint"))));
  EXPECT_THAT(read_with("options:\n  sasl.mechanisms: OAUTHBEARER\n  sasl.oauthbearer.method: oidc\n").errors,
              testing::Contains(AllOf(testing::StartsWith("5: "), HasSubstr("sasl.oauthbearer.method"))));
  EXPECT_THAT(read_with("options: {sasl.mechanisms: OAUTHBEARER, enable.sasl.oauthbearer.unsecure.jwt: \"true\", "
                        "sasl.oauthbearer.config: principal=b}\n")
                  .errors,
              IsEmpty());
}

TEST(KafkaOptions, AMechanismSwitchesSaslOn) {
  EXPECT_EQ(options_of(read_with("tls: {}\noptions: {sasl.mechanism: GSSAPI, sasl.kerberos.keytab: /x}\n"))
                .at("security.protocol"),
            "sasl_ssl");
}

TEST(KafkaOptions, TellAllThatIsWrongAtOnce) {
  EXPECT_THAT(read_with("options: { linger.ms: abc, enable.idempotence: \"true\", acks: \"1\" }\n").errors,
              ElementsAre(HasSubstr("linger.ms"), HasSubstr("acks")));
}

TEST(KafkaOptions, AWrongEntryHidesNoneOfTheOthers) {
  EXPECT_THAT(read_with("options:\n  linger.ms: [1]\n  acks: 0\n  batch.size: {a: 1}\n  foo: 1\n  retries: ~\n").errors,
              testing::UnorderedElementsAre(
                  AllOf(testing::StartsWith("4: "), HasSubstr("linger.ms"), HasSubstr("found a list")),
                  AllOf(testing::StartsWith("5: "), HasSubstr("acks")),
                  AllOf(testing::StartsWith("6: "), HasSubstr("batch.size"), HasSubstr("found a map")),
                  AllOf(testing::StartsWith("7: "), HasSubstr("foo")),
                  AllOf(testing::StartsWith("8: "), HasSubstr("options: a key without a value"))));
}

TEST(KafkaOptions, AContradictionHidesNoOther) {
  const auto errors = read_with(
                          "options:\n  client.rack: a\n  max.in.flight: 50\n  sasl.mechanism: DIGEST-MD5\n  acks: 1\n"
                          "  reconnect.backoff.ms: 20000\n  linger.ms: abc\n")
                          .errors;
  EXPECT_THAT(errors, testing::UnorderedElementsAre(AllOf(testing::StartsWith("5: "), HasSubstr("max.in.flight")),
                                                    AllOf(testing::StartsWith("6: "), HasSubstr("DIGEST-MD5")),
                                                    AllOf(testing::StartsWith("7: "), HasSubstr("acks")),
                                                    AllOf(testing::StartsWith("8: "), HasSubstr("reconnect.backoff")),
                                                    AllOf(testing::StartsWith("9: "), HasSubstr("linger.ms"))));
}

TEST(KafkaOptions, AContradictionOfTwoEntriesIsOneError) {
  EXPECT_THAT(read_with("options:\n  client.rack: a\n  message.timeout.ms: 5\n  linger.ms: 90000\n").errors,
              ElementsAre(AllOf(testing::StartsWith("6: "), HasSubstr("linger.ms"))));
  EXPECT_THAT(read_with("options:\n  enable.idempotence: \"false\"\n  acks: 1\n  sasl.mechanism: DIGEST-MD5\n").errors,
              ElementsAre(AllOf(testing::StartsWith("6: "), HasSubstr("DIGEST-MD5"))));
}

TEST(KafkaOptions, OauthbearerHidesNoOther) {
  EXPECT_THAT(
      read_with("options:\n  sasl.mechanisms: OAUTHBEARER\n  security.protocol: sasl_plaintext\n  acks: 1\n").errors,
      ElementsAre(AllOf(testing::StartsWith("4: "), HasSubstr("token_endpoint")),
                  AllOf(testing::StartsWith("6: "), HasSubstr("acks"))));
}

TEST(KafkaOptions, AnAliasIsNamedAsItIsWritten) {
  const auto errors = read_with("options:\n  linger.ms: \"2000000\"\n").errors;
  ASSERT_THAT(errors, SizeIs(1));
  EXPECT_THAT(errors.front(), AllOf(HasSubstr("linger.ms"), Not(HasSubstr("\n")))) << errors.front();
  EXPECT_THAT(read_with("options:\n  linger.ms: \"2000000\"\n").errors.front(),
              testing::EndsWith("(another name of linger.ms)"));
}

TEST(KafkaOptions, WarnOfThoseThatWeakenThePromise) {
  EXPECT_THAT(read_with("options:\n  acks: 1\n  enable.idempotence: \"false\"\n  message.timeout.ms: 5\n").warnings,
              ElementsAre(AllOf(testing::StartsWith("4: "), HasSubstr("options.acks")),
                          AllOf(testing::StartsWith("5: "), HasSubstr("options.enable.idempotence")),
                          AllOf(testing::StartsWith("6: "), HasSubstr("options.message.timeout.ms"))));
  EXPECT_THAT(read_with("options: { acks: -1, enable.idempotence: true, delivery.timeout.ms: 0 }\n").warnings,
              IsEmpty());
}

TEST(KafkaOptions, WarnOfFilesThatCannotBeRead) {
  EXPECT_THAT(read_with("options:\n  security.protocol: sasl_ssl\n  sasl.mechanisms: GSSAPI\n"
                        "  sasl.kerberos.keytab: /nowhere/a\n  ssl.ca.location: /nowhere/b\n")
                  .warnings,
              ElementsAre(AllOf(testing::StartsWith("6: "), HasSubstr("/nowhere/a cannot be read here: No such file")),
                          AllOf(testing::StartsWith("7: "), HasSubstr("/nowhere/b cannot be read here"))));
  EXPECT_THAT(read_with("options: {security.protocol: ssl, ssl.ca.location: /tmp}\n").warnings, IsEmpty())
      << "it may be a directory";
  EXPECT_THAT(read_with("options: {security.protocol: ssl, ssl.ca.location: probe}\n").warnings, IsEmpty());
  EXPECT_THAT(read_with("options: {sasl.mechanism: GSSAPI, sasl.kerberos.keytab: \"FILE:/etc/hostname\"}\n").warnings,
              IsEmpty());
}

TEST(KafkaOptions, NeverQuoteASecret) {
  const auto errors = read_with("options:\n  ssl.key.pem: open-sesame\n  sasl.password: open-sesame\n").errors;
  EXPECT_THAT(errors, Not(IsEmpty()));
  for (const auto& error : errors) EXPECT_THAT(error, Not(HasSubstr("open-sesame")));
}

TEST(KafkaOptions, ReadThePasswordFileEachTime) {
  const test::TemporaryDirectory directory;
  const auto file = directory / "password";
  const auto settings =
      read_with("sasl: {mechanism: SCRAM-SHA-512, username: b, password_file: " + file.string() + "}\n").settings;
  EXPECT_FALSE(read_kafka_credentials(*settings).has_value());
  for (const std::string password : {"first", "second"}) {
    std::ofstream(file) << password << '\n';
    EXPECT_EQ(read_kafka_credentials(*settings).value().sasl_password, password);
  }
}

}  // namespace
}  // namespace pbxbridge::sink
