#include "sink/kafka/kafka_error_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <syslog.h>

namespace pbxbridge::sink {
namespace {

using testing::HasSubstr;
using testing::Optional;

TEST(PlainKafkaText, LeavesOutSchemeAndStateOfTheConnection) {
  EXPECT_EQ(plain_kafka_text("sasl_ssl://kafka:9092/bootstrap: Disconnected (after 3ms in state UP)"),
            "kafka:9092: Disconnected");
  EXPECT_EQ(
      plain_kafka_text("127.0.0.1:9/1: Connect to ipv4#127.0.0.1:9 failed: Connection refused (after 0ms in state "
                       "CONNECT, 30 identical error(s) suppressed)"),
      "127.0.0.1:9: Connect to ipv4#127.0.0.1:9 failed: Connection refused");
}

TEST(PlainKafkaText, LeavesOtherTextsAsTheyAre) {
  EXPECT_EQ(plain_kafka_text("Local: Out of memory"), "Local: Out of memory");
  EXPECT_EQ(plain_kafka_text("No such thing: at all"), "No such thing: at all");
  EXPECT_EQ(plain_kafka_text(""), "");
}

TEST(KafkaError, HasTheCategoryOfItsCode) {
  EXPECT_EQ(kafka_error(RD_KAFKA_RESP_ERR__SSL, "x").category, ErrorCategory::tls);
  EXPECT_EQ(kafka_error(RD_KAFKA_RESP_ERR__AUTHENTICATION, "x").category, ErrorCategory::refused);
  EXPECT_EQ(kafka_error(RD_KAFKA_RESP_ERR__TRANSPORT, "x").category, ErrorCategory::network);
  EXPECT_EQ(kafka_error(RD_KAFKA_RESP_ERR__RESOLVE, "x").category, ErrorCategory::network);
}

TEST(KafkaLog, TellsWhatAnOperatorShouldKnow) {
  EXPECT_THAT(notice_of_kafka_log(LOG_NOTICE, "PARTCNT", "Topic cdr partition count changed from 3 to 6"),
              Optional(HasSubstr("3 to 6")));
  EXPECT_THAT(notice_of_kafka_log(LOG_WARNING, "CONFWARN", "Configuration property x is deprecated"),
              Optional(HasSubstr("options")));
  EXPECT_THAT(notice_of_kafka_log(LOG_ERR, "CLUSTERID", "Broker 1 reports different ClusterId"),
              Optional(HasSubstr("ClusterId")));
}

TEST(KafkaLog, KeepsItsNoiseAway) {
  EXPECT_FALSE(notice_of_kafka_log(LOG_ERR, "FAIL", "kafka:9092/1: Connection refused"));
  EXPECT_FALSE(notice_of_kafka_log(LOG_WARNING, "GETPID", "Coordinator load in progress: retrying"));
  EXPECT_FALSE(notice_of_kafka_log(LOG_DEBUG, "BROKER", "anything"));
}

}  // namespace
}  // namespace pbxbridge::sink
