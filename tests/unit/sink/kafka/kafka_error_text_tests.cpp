#include "sink/kafka/kafka_error_text.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <syslog.h>

namespace pbxbridge::sink {
namespace {

using test::TemporaryDirectory;
using testing::AllOf;
using testing::EndsWith;
using testing::Field;
using testing::HasSubstr;
using testing::Optional;
using testing::StartsWith;

TEST(PlainKafkaText, LeavesOutSchemeAndStateOfTheConnection) {
  EXPECT_EQ(plain_kafka_text("sasl_ssl://kafka:9092/bootstrap: Disconnected (after 3ms in state UP)"),
            "kafka:9092: Disconnected");
  EXPECT_EQ(
      plain_kafka_text("127.0.0.1:9/1: Connect to ipv4#127.0.0.1:9 failed: Connection refused (after 0ms in state "
                       "CONNECT, 30 identical error(s) suppressed)"),
      "127.0.0.1:9: Connect to ipv4#127.0.0.1:9 failed: Connection refused");
}

TEST(PlainKafkaText, SaysWhatSpeaksInPlaceOfKafka) {
  const auto answer = [](const std::string& size) {
    return plain_kafka_text(
        "kafka:80/bootstrap: Receive failed: Invalid response size " + size +
        " (0..100000000): increase receive.message.max.bytes (after 1ms in state APIVERSION_QUERY)");
  };
  EXPECT_EQ(answer("1213486160"), "kafka:80: Receive failed: what answers there speaks HTTP, and not Kafka's protocol");
  EXPECT_EQ(answer("352518912"), "kafka:80: Receive failed: what answers there speaks TLS, and not Kafka's protocol");
  EXPECT_EQ(answer("369296129"), answer("352518912"));
  EXPECT_THAT(answer("100000001"), HasSubstr("size 100000001 (0..100000000): increase receive.message.max.bytes"));
}

TEST(PlainKafkaText, LeavesOtherTextsAsTheyAre) {
  EXPECT_EQ(plain_kafka_text("[thrd:kafka:9092/1]: kafka:9092/1: Disconnected"), "kafka:9092: Disconnected");
  EXPECT_EQ(plain_kafka_text("Local: Out of memory"), "Local: Out of memory");
  EXPECT_EQ(plain_kafka_text("No such thing: at all"), "No such thing: at all");
  EXPECT_EQ(plain_kafka_text(""), "");
}

TEST(KafkaError, HasTheCategoryOfItsCode) {
  EXPECT_EQ(kafka_error(RD_KAFKA_RESP_ERR__SSL, "x").category, ErrorCategory::tls);
  const auto transport = [](const std::string& text) {
    return kafka_error(RD_KAFKA_RESP_ERR__TRANSPORT, "ssl://kafka:9093/bootstrap: " + text).category;
  };
  EXPECT_EQ(transport("error:0A000086:SSL routines::certificate verify failed (after 9ms in state SSL_HANDSHAKE)"),
            ErrorCategory::tls);
  EXPECT_EQ(transport("error:0A000126:SSL routines::unexpected eof while reading (after 9ms in state SSL_HANDSHAKE)"),
            ErrorCategory::tls)
      << "most likely a listener without TLS";
  EXPECT_EQ(transport("error:0A000126:SSL routines::unexpected eof while reading (after 9ms in state UP)"),
            ErrorCategory::network)
      << "a broker that ended";
  EXPECT_EQ(kafka_error(RD_KAFKA_RESP_ERR__AUTHENTICATION, "x").category, ErrorCategory::rejected);
  EXPECT_EQ(kafka_error(RD_KAFKA_RESP_ERR__TRANSPORT, "x").category, ErrorCategory::network);
  EXPECT_EQ(kafka_error(RD_KAFKA_RESP_ERR__RESOLVE, "x").category, ErrorCategory::network);
}

class KafkaClientError : public testing::Test {
 protected:
  std::string text(std::string_view librdkafka_says) const { return kafka_client_error(librdkafka_says, tls_).text; }
  void write(const std::filesystem::path& path) const { std::ofstream(path) << "junk"; }

  TemporaryDirectory directory_;
  const net::TlsConfig tls_ = [this] {
    net::TlsConfig tls;
    tls.ca_file = directory_ / "ca.pem";
    tls.cert_file = directory_ / "cert.pem";
    tls.key_file = directory_ / "key.pem";
    return tls;
  }();
};

TEST_F(KafkaClientError, NamesTheSettingAndTheFileThatIsMissing) {
  EXPECT_EQ(text("ssl.ca.location failed: error:05880002:x509 certificate routines::system lib"),
            "tls.ca_file " + tls_.ca_file.string() + " is not usable: No such file or directory");
  EXPECT_EQ(text("ssl.certificate.location failed: error:0A080002:SSL routines::system lib"),
            "tls.cert_file " + tls_.cert_file.string() + " is not usable: No such file or directory");
}

TEST_F(KafkaClientError, SaysWhatAFileShouldHold) {
  for (const auto& path : {tls_.ca_file, tls_.cert_file, tls_.key_file}) write(path);
  EXPECT_THAT(text("ssl.ca.location failed: error:05800088:x509 certificate routines::no certificate or crl found"),
              EndsWith("ca.pem is not usable: it holds no certificate in PEM"));
  EXPECT_THAT(text("ssl.certificate.location failed: error:0A080009:SSL routines::PEM lib"),
              EndsWith("cert.pem is not usable: it holds no certificate in PEM"));
  EXPECT_THAT(
      text("ssl.key.location failed: error:0A080009:SSL routines::PEM lib"),
      EndsWith("key.pem is not usable: it holds no private key in PEM, or tls.key_password is not its password"));
  EXPECT_THAT(text("ssl.key.location failed: error:05800074:x509 certificate routines::key values mismatch"),
              EndsWith("key.pem is not usable: it is not the key of the certificate in tls.cert_file"));
}

TEST_F(KafkaClientError, LeavesOtherTextsAsTheyAre) { EXPECT_EQ(text("no memory"), "no memory"); }

TEST(KafkaLog, TellsWhatAnOperatorShouldKnow) {
  EXPECT_THAT(notice_of_kafka_log(LOG_NOTICE, "PARTCNT", "[thrd:main]: Topic cdr partition count changed from 3 to 6"),
              Optional(Field(&KafkaNotice::peer_words, "Topic cdr partition count changed from 3 to 6")))
      << "a topic may be made of an event";
  EXPECT_THAT(notice_of_kafka_log(LOG_WARNING, "CONFWARN", "Configuration property x is deprecated"),
              Optional(Field(&KafkaNotice::text, HasSubstr("options"))));
  EXPECT_THAT(notice_of_kafka_log(LOG_ERR, "CLUSTERID", "Broker 1 reports different ClusterId"),
              Optional(Field(&KafkaNotice::peer_words, HasSubstr("ClusterId"))));
}

TEST(KafkaLog, KeepsItsNoiseAway) {
  EXPECT_FALSE(notice_of_kafka_log(LOG_NOTICE, "PARTCNT", "[thrd:main]: Topic cdr partition count changed from 3 to 0"))
      << "the topic is deleted, which its events tell";
  EXPECT_FALSE(notice_of_kafka_log(LOG_ERR, "FAIL", "kafka:9092/1: Connection refused"));
  EXPECT_FALSE(notice_of_kafka_log(LOG_ERR, "SSL", "[thrd:app]: error:80000002:system library::No such file"));
  EXPECT_FALSE(notice_of_kafka_log(LOG_WARNING, "GETPID", "Coordinator load in progress: retrying"));
  EXPECT_FALSE(notice_of_kafka_log(LOG_DEBUG, "BROKER", "anything"));
}

}  // namespace
}  // namespace pbxbridge::sink
