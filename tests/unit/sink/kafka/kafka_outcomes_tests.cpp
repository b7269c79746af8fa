#include "sink/kafka/kafka_outcomes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <set>
#include <string>

namespace pbxbridge::sink {
namespace {

using enum Outcome::Kind;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

enum class Of { event, batch };

struct Row {
  rd_kafka_resp_err_t error;
  Outcome::Kind kind;
  Of of = Of::event;
};
void PrintTo(const Row& row, std::ostream* out) { *out << rd_kafka_err2str(row.error); }

// Written from the meaning of each code, not from the table.
constexpr Row rows[] = {
    {RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, retry},
    {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, retry},
    {RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, retry},
    {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, retry},
    {RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, reject},
    {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, reject, Of::batch},
    {RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE, reject, Of::batch},
    {RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE, reject, Of::batch},
    {RD_KAFKA_RESP_ERR_INVALID_RECORD, reject, Of::batch},
    {RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, reject, Of::batch},
    {RD_KAFKA_RESP_ERR__BAD_MSG, reject, Of::batch},
    {RD_KAFKA_RESP_ERR__TRANSPORT, retry},
    {RD_KAFKA_RESP_ERR__RESOLVE, retry},
    {RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, retry},
    {RD_KAFKA_RESP_ERR__TIMED_OUT, retry},
    {RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE, retry},
    {RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, retry},
    {RD_KAFKA_RESP_ERR__NODE_UPDATE, retry},
    {RD_KAFKA_RESP_ERR__WAIT_CACHE, retry},
    {RD_KAFKA_RESP_ERR__ISR_INSUFF, retry},
    {RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, retry},
    {RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, retry},
    {RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, retry},
    {RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH, retry},
    {RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH, retry},
    {RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE, retry},
    {RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE, retry},
    {RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION, retry},
    {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, retry},
    {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND, retry},
    {RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR, retry},
    {RD_KAFKA_RESP_ERR_INVALID_MSG, retry},
    {RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, retry},
    {RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, retry},
    {RD_KAFKA_RESP_ERR_NOT_COORDINATOR, retry},
    {RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED, retry},
    {RD_KAFKA_RESP_ERR_UNKNOWN, retry},
    {RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, retry},
    {RD_KAFKA_RESP_ERR__AUTHENTICATION, retry},
    {RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, retry},
    {RD_KAFKA_RESP_ERR__SSL, retry},
    {RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS, retry},
    {RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE, retry},
    {RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT, retry},
    {RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION, retry},
    {RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, retry},
    {RD_KAFKA_RESP_ERR__FATAL, retry},
    {RD_KAFKA_RESP_ERR__FENCED, retry},
    {RD_KAFKA_RESP_ERR_PRODUCER_FENCED, retry},
    {RD_KAFKA_RESP_ERR__GAPLESS_GUARANTEE, retry},
    {RD_KAFKA_RESP_ERR__INCONSISTENT, retry},
    {RD_KAFKA_RESP_ERR__STATE, retry},
    {RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, retry},
    {RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID, retry},
    {RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING, retry},
    {RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, retry},
    {RD_KAFKA_RESP_ERR_DUPLICATE_SEQUENCE_NUMBER, retry},
    {RD_KAFKA_RESP_ERR__QUEUE_FULL, retry},
    {RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE, retry},
    {RD_KAFKA_RESP_ERR__PURGE_QUEUE, retry},
    {RD_KAFKA_RESP_ERR__PURGE_INFLIGHT, retry},
    {RD_KAFKA_RESP_ERR__DESTROY, retry},
};

class KafkaOutcomeRow : public testing::TestWithParam<Row> {};

TEST_P(KafkaOutcomeRow, MeansThis) {
  const auto [error, kind, of] = GetParam();
  const Outcome alone = kafka_outcome(error, RD_KAFKA_MSG_STATUS_NOT_PERSISTED, true);
  EXPECT_EQ(alone.kind, kind);
  EXPECT_THAT(alone.reason, Not(IsEmpty()));
  const Outcome in_batch = kafka_outcome(error, RD_KAFKA_MSG_STATUS_NOT_PERSISTED, false);
  EXPECT_EQ(in_batch.kind, of == Of::batch ? resend : kind);
}

TEST_P(KafkaOutcomeRow, IsNeverDelivered) {
  EXPECT_NE(kafka_outcome(GetParam().error, RD_KAFKA_MSG_STATUS_PERSISTED, true).kind, delivered);
}

INSTANTIATE_TEST_SUITE_P(Codes, KafkaOutcomeRow, testing::ValuesIn(rows),
                         [](const auto& row) { return std::string(rd_kafka_err2name(row.param.error)); });

TEST(KafkaOutcomes, EachRowOfTheTableIsTestedAndStandsThereOnce) {
  std::multiset<int> in_table, in_test;
  for (const auto& outcome : kafka_outcomes()) in_table.insert(outcome.error);
  for (const auto& row : rows) in_test.insert(row.error);
  EXPECT_EQ(in_table, in_test);
  EXPECT_EQ(in_table.size(), std::set<int>(in_table.begin(), in_table.end()).size());
}

TEST(KafkaOutcomes, DeliveredIsOnlyWhatIsPersisted) {
  constexpr auto no_error = RD_KAFKA_RESP_ERR_NO_ERROR;
  EXPECT_EQ(kafka_outcome(no_error, RD_KAFKA_MSG_STATUS_PERSISTED, false).kind, delivered);
  EXPECT_EQ(kafka_outcome(no_error, RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED, false).kind, retry);
  EXPECT_EQ(kafka_outcome(no_error, RD_KAFKA_MSG_STATUS_NOT_PERSISTED, false).kind, retry);
}

TEST(KafkaOutcomes, ACodeThatIsNotInTheTableIsTriedAgain) {
  const auto outcome = kafka_outcome(RD_KAFKA_RESP_ERR_POLICY_VIOLATION, RD_KAFKA_MSG_STATUS_NOT_PERSISTED, true);
  EXPECT_EQ(outcome.kind, retry);
  EXPECT_THAT(outcome.reason, HasSubstr("Policy"));
}

TEST(KafkaOutcomes, AnAnswerThatCannotBeReadIsNoFaultOfTheEvent) {
  constexpr auto bad_message = RD_KAFKA_RESP_ERR__BAD_MSG;
  for (const bool alone : {true, false}) {
    const auto outcome = kafka_outcome(bad_message, RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED, alone);
    EXPECT_EQ(outcome.kind, retry);
    EXPECT_THAT(outcome.reason, HasSubstr("answer could not be read"));
  }
  EXPECT_EQ(kafka_outcome(bad_message, RD_KAFKA_MSG_STATUS_NOT_PERSISTED, true).kind, reject) << "it was not sent";
}

TEST(KafkaOutcomes, ARejectedBatchSaysSo) {
  const auto outcome = kafka_outcome(RD_KAFKA_RESP_ERR_INVALID_RECORD, RD_KAFKA_MSG_STATUS_NOT_PERSISTED, false);
  EXPECT_THAT(outcome.reason, HasSubstr("with its batch"));
}

}  // namespace
}  // namespace pbxbridge::sink
