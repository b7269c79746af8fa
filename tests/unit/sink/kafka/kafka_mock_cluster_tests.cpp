// The sink against librdkafka's mock cluster: what a broker answers, and when it is gone.

#include "sink/kafka_sink_fixture.hpp"
#include "support/kafka_mock_cluster.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace pbxbridge::test {
namespace {

using namespace std::chrono_literals;
using enum Outcome::Kind;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class KafkaMockClusterTest : public testing::Test {
 protected:
  KafkaMockClusterTest() { cluster_.create_topic("cdr", 1); }

  /// Called before the producer has sent anything to the topic: it sends both in one request then.
  void deliver_in_one_batch(RunningKafkaSink& sink, const Delivery& first, const Delivery& second) {
    cluster_.remove_leader("cdr");
    ASSERT_TRUE(sink.deliver(first));
    ASSERT_TRUE(sink.deliver(second));
    cluster_.elect_leader("cdr");
    ASSERT_TRUE(sink.settled());
  }

  MockCluster cluster_;
  EventLoop loop_;
};

// Connecting

TEST_F(KafkaMockClusterTest, ConnectsAndSaysWhatItReached) {
  RunningKafkaSink sink(loop_, kafka_settings(cluster_.address()));
  ASSERT_TRUE(sink.connected());
  EXPECT_THAT(sink.observer.connections.front(), AllOf(HasSubstr(cluster_.address()), HasSubstr("1 broker")));
}

TEST_F(KafkaMockClusterTest, SaysWhyNoBrokerIsReachedWithoutWaitingForTheTimeout) {
  cluster_.go_down();
  RunningKafkaSink sink(loop_, kafka_settings(cluster_.address(), "connect_timeout: 30s\n"));
  const Error loss = sink.loss(10s);
  EXPECT_EQ(loss.category, ErrorCategory::network);
  EXPECT_THAT(loss.text, AllOf(HasSubstr(cluster_.address()), Not(HasSubstr("after"))));
}

TEST_F(KafkaMockClusterTest, GivesUpOnABrokerThatDoesNotAnswer) {
  cluster_.answer_after(60s);
  RunningKafkaSink sink(loop_, kafka_settings(cluster_.address(), "connect_timeout: 1s\n"));
  EXPECT_THAT(sink.loss(10s).text,
              AllOf(HasSubstr("no broker answered within 1000 ms"), HasSubstr(cluster_.address())));
}

TEST_F(KafkaMockClusterTest, SaysThatANameIsUnknown) {
  RunningKafkaSink sink(loop_, kafka_settings("kafka.invalid:9092"));
  EXPECT_THAT(sink.loss().text, AllOf(HasSubstr("kafka.invalid:9092"), HasSubstr("resolve")));
}

TEST_F(KafkaMockClusterTest, SaysThatAFileIsMissing) {
  RunningKafkaSink sink(loop_, kafka_settings(cluster_.address(), "tls: {ca_file: /nowhere/ca.pem}\n"));
  const Error loss = sink.loss();
  EXPECT_EQ(loss.text, "tls.ca_file /nowhere/ca.pem is not usable: No such file or directory");
  EXPECT_EQ(loss.category, ErrorCategory::tls);
  EXPECT_THAT(sink.observer.notices, IsEmpty());
}

TEST_F(KafkaMockClusterTest, WritesNothingToStandardError) {
  testing::internal::CaptureStderr();
  {
    RunningKafkaSink sink(loop_, kafka_settings("127.0.0.1:1"));
    (void)sink.loss();
  }
  EXPECT_THAT(testing::internal::GetCapturedStderr(), IsEmpty());
}

// Outcomes

TEST_F(KafkaMockClusterTest, DeliveredIsWhatTheBrokerAcknowledged) {
  RunningKafkaSink sink(loop_, kafka_settings(cluster_.address()));
  ASSERT_TRUE(sink.connected());
  EXPECT_EQ(sink.outcome_of(kafka_delivery(1, "cdr", "{}")).kind, delivered);
}

TEST_F(KafkaMockClusterTest, PassingTroubleOfThePartitionIsNoOutcome) {
  RunningKafkaSink sink(loop_, kafka_settings(cluster_.address()));
  ASSERT_TRUE(sink.connected());
  cluster_.answer(MockCluster::produce, {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT});
  EXPECT_EQ(sink.outcome_of(kafka_delivery(1, "cdr", "{}")).kind, delivered);
}

TEST_F(KafkaMockClusterTest, AMissingPermissionAsksForAnotherAttempt) {
  RunningKafkaSink sink(loop_, kafka_settings(cluster_.address()));
  ASSERT_TRUE(sink.connected());
  cluster_.answer(MockCluster::produce, {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED});
  const Outcome outcome = sink.outcome_of(kafka_delivery(1, "cdr", "{}"));
  EXPECT_EQ(outcome.kind, retry);
  EXPECT_THAT(outcome.reason, HasSubstr("grant"));
  EXPECT_TRUE(loop_.run_until([&] { return sink.outcome_of(kafka_delivery(2, "cdr", "{}")).kind == delivered; }, 20s))
      << "a permission that is granted is noticed";
}

TEST_F(KafkaMockClusterTest, AnEventLargerThanTheLimitIsRejected) {
  RunningKafkaSink sink(loop_, kafka_settings(cluster_.address(), "options: {message.max.bytes: 2000}\n"));
  ASSERT_TRUE(sink.connected());
  const Outcome outcome = sink.outcome_of(kafka_delivery(1, "cdr", std::string(3000, 'x')));
  EXPECT_EQ(outcome.kind, reject);
  EXPECT_THAT(outcome.reason, HasSubstr("max.message.bytes"));
  EXPECT_EQ(sink.outcome_of(kafka_delivery(2, "cdr", "{}")).kind, delivered);
}

TEST_F(KafkaMockClusterTest, OfARejectedBatchOnlyTheCulpritIsRejected) {
  RunningKafkaSink sink(loop_, kafka_settings(cluster_.address()));
  ASSERT_TRUE(sink.connected());
  const auto culprit = kafka_delivery(1, "cdr", "{\"n\":1}");
  const auto innocent = kafka_delivery(2, "cdr", "{\"n\":2}");
  cluster_.answer(MockCluster::produce, {RD_KAFKA_RESP_ERR_INVALID_RECORD});
  deliver_in_one_batch(sink, culprit, innocent);
  EXPECT_EQ(sink.observer.count(resend), 2U);

  cluster_.answer(MockCluster::produce, {RD_KAFKA_RESP_ERR_INVALID_RECORD});
  ASSERT_TRUE(sink.deliver_until_done({culprit, innocent, kafka_delivery(3, "cdr", "{\"n\":3}")}));
  EXPECT_EQ(sink.observer.count(reject), 1U) << "the one that was alone";
  EXPECT_EQ(sink.observer.count(delivered), 2U);
}

class KafkaPartitionWithoutLeader : public KafkaMockClusterTest {
 protected:
  KafkaPartitionWithoutLeader() { cluster_.create_topic("queue", 1); }

  /// Deliveries 1 and 2, whose topic is sent in small groups from now on.
  void reject_a_batch() {
    ASSERT_TRUE(sink_.connected());
    cluster_.answer(MockCluster::produce, {RD_KAFKA_RESP_ERR_INVALID_RECORD});
    deliver_in_one_batch(sink_, first_, second_);
    ASSERT_TRUE(sink_.deliver(second_));  // a delivery that waited after a rejected batch is asked for once more
    ASSERT_TRUE(sink_.settled());
    ASSERT_EQ(sink_.observer.count(resend), 2U);
  }

  const Delivery first_ = kafka_delivery(1, "cdr", "{\"n\":1}");
  const Delivery second_ = kafka_delivery(2, "cdr", "{\"n\":2}");
  RunningKafkaSink sink_{loop_, kafka_settings(cluster_.address())};
};

TEST_F(KafkaPartitionWithoutLeader, HindersNoOtherTopicFromSendingARecordAlone) {
  reject_a_batch();
  cluster_.remove_leader("queue");
  ASSERT_TRUE(sink_.deliver(kafka_delivery(4, "queue", "{}")));
  ASSERT_TRUE(sink_.deliver_until_done({first_}));
  EXPECT_TRUE(sink_.deliver(kafka_delivery(5, "queue", "{}"))) << "it is in no batch with that one";
  EXPECT_EQ(sink_.observer.outcomes.at(1).kind, delivered);
}

TEST_F(KafkaPartitionWithoutLeader, HoldsUpNoOtherTopic) {
  reject_a_batch();
  cluster_.remove_leader("cdr");
  ASSERT_TRUE(sink_.deliver(first_));
  ASSERT_TRUE(sink_.deliver(second_));
  ASSERT_TRUE(sink_.deliver(kafka_delivery(4, "queue", "{}")));
  EXPECT_TRUE(loop_.run_until([&] { return sink_.observer.outcomes.contains(4); }, 4500ms))
      << "a record alone is waited for 5 s";
}

class KafkaTopicWithALeaderlessPartition : public KafkaMockClusterTest {
 protected:
  KafkaTopicWithALeaderlessPartition() {
    cluster_.create_topic(topic_, 2);
    for (const int partition : {0, 1}) cluster_.remove_leader(topic_, partition);
  }

  /// Numbered, with a key of this partition.
  Delivery delivery(std::uint64_t token, std::int32_t partition) const {
    std::string key = "0";
    while (rd_kafka_msg_partitioner_murmur2(nullptr, key.data(), key.size(), 2, nullptr, nullptr) != partition)
      ++key.back();
    return kafka_delivery(token, topic_, "{\"n\":" + std::to_string(token) + "}", key);
  }

  const std::string topic_ = "two";
  RunningKafkaSink sink_{loop_, kafka_settings(cluster_.address())};
};

/// A record that was sent alone waits for a leader, and is followed by others once it has done so for long.
TEST_F(KafkaTopicWithALeaderlessPartition, NeverMakesADeadLetterOfARecordThatWasNotAlone) {
  ASSERT_TRUE(sink_.connected());
  cluster_.answer(MockCluster::produce, {RD_KAFKA_RESP_ERR_INVALID_RECORD});
  for (const std::uint64_t token : {1, 2}) ASSERT_TRUE(sink_.deliver(delivery(token, 0)));
  cluster_.elect_leader(topic_, 0);
  ASSERT_TRUE(sink_.settled());
  ASSERT_EQ(sink_.observer.count(resend), 2U) << "records are sent one by one from now on";
  ASSERT_TRUE(sink_.deliver(delivery(2, 0)));
  ASSERT_TRUE(sink_.settled()) << "a delivery that waited after a rejected batch is asked for once more";

  const auto waits = delivery(3, 1), follows = delivery(4, 1);
  ASSERT_TRUE(sink_.deliver(waits));
  ASSERT_TRUE(sink_.deliver(follows));
  loop_.run_for(7s);  // two more than the first is waited for; nothing tells that the second was sent
  cluster_.answer(MockCluster::produce, {RD_KAFKA_RESP_ERR_INVALID_RECORD});
  cluster_.elect_leader(topic_, 1);
  ASSERT_TRUE(sink_.settled());
  for (const std::uint64_t token : {3, 4}) EXPECT_EQ(sink_.observer.outcomes.at(token).kind, retry) << token;
  ASSERT_TRUE(sink_.deliver_until_done({waits, follows}));
  for (const std::uint64_t token : {3, 4}) EXPECT_EQ(sink_.observer.outcomes.at(token).kind, delivered) << token;
}

TEST_F(KafkaMockClusterTest, ATopicThatIsMissingIsUsedOnceItIsThere) {
  cluster_.topic_answers("late", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  RunningKafkaSink sink(loop_,
                        kafka_settings(cluster_.address(), "options: {topic.metadata.propagation.max.ms: 200}\n"));
  ASSERT_TRUE(sink.connected());
  const auto event = kafka_delivery(1, "late", "{}");
  const Outcome outcome = sink.outcome_of(event);
  EXPECT_EQ(outcome.kind, retry);
  EXPECT_THAT(outcome.reason, HasSubstr("does not exist"));
  cluster_.topic_answers("late", RD_KAFKA_RESP_ERR_NO_ERROR);
  EXPECT_TRUE(loop_.run_until([&] { return sink.outcome_of(event).kind == delivered; }, 10s));
}

TEST_F(KafkaMockClusterTest, AFullQueueAsksToWaitAndThenForMore) {
  RunningKafkaSink sink(loop_, kafka_settings(cluster_.address(), "options: {queue.buffering.max.messages: 8}\n"));
  ASSERT_TRUE(sink.connected());
  ASSERT_EQ(sink.outcome_of(kafka_delivery(1, "cdr", "{}")).kind, delivered);
  cluster_.answer_after(300ms);
  std::uint64_t token = 2;
  while (sink.deliver(kafka_delivery(token, "cdr", "{}"))) ++token;
  EXPECT_EQ(token, 10U);
  EXPECT_EQ(sink.observer.writable_calls, 0U);
  ASSERT_TRUE(loop_.run_until([&] { return sink.observer.writable_calls == 1; }, 10s));
  EXPECT_EQ(sink.outcome_of(kafka_delivery(token, "cdr", "{}")).kind, delivered);
}

// A cluster that goes away

TEST_F(KafkaMockClusterTest, AnOutageEndsTheConnectionAndSaysWhyAsAnAttemptDuringItDoes) {
  RunningKafkaSink sink(loop_, kafka_settings(cluster_.address()));
  ASSERT_TRUE(sink.connected());
  ASSERT_EQ(sink.outcome_of(kafka_delivery(1, "cdr", "{}")).kind, delivered);
  cluster_.go_down();
  ASSERT_TRUE(sink.deliver(kafka_delivery(2, "cdr", "{}")));
  const Error loss = sink.loss(20s);
  EXPECT_EQ(loss.category, ErrorCategory::network);
  EXPECT_THAT(loss.text, AllOf(HasSubstr("no broker answers"), HasSubstr(cluster_.address())));
  EXPECT_THAT(sink.observer.notices, IsEmpty());
  RunningKafkaSink next(loop_, kafka_settings(cluster_.address()));
  EXPECT_EQ(next.loss(20s).text, loss.text) << "which the core says once";
}

TEST_F(KafkaMockClusterTest, AnOutageEndsTheConnectionOfASinkWithoutEvents) {
  RunningKafkaSink sink(loop_, kafka_settings(cluster_.address()));
  ASSERT_TRUE(sink.connected());
  cluster_.go_down();
  EXPECT_THAT(sink.loss(20s).text, HasSubstr("no broker answers"));
}

TEST_F(KafkaMockClusterTest, AShortOutageEndsByItself) {
  RunningKafkaSink sink(loop_, kafka_settings(cluster_.address()));
  ASSERT_TRUE(sink.connected());
  ASSERT_EQ(sink.outcome_of(kafka_delivery(1, "cdr", "{}")).kind, delivered);
  cluster_.go_down();
  ASSERT_TRUE(sink.deliver(kafka_delivery(2, "cdr", "{}")));
  loop_.run_for(500ms);
  cluster_.come_up();
  ASSERT_TRUE(sink.settled());
  EXPECT_EQ(sink.observer.outcomes.at(2).kind, delivered);
  loop_.run_for(6s);
  EXPECT_THAT(sink.observer.losses, IsEmpty());
}

TEST_F(KafkaMockClusterTest, TheReasonIsTheSameWhicheverBrokerFailsLast) {
  RunningKafkaSink one_way(loop_, kafka_settings("127.0.0.1:2\", \"127.0.0.1:1"));
  RunningKafkaSink other_way(loop_, kafka_settings("127.0.0.1:1\", \"127.0.0.1:2"));
  EXPECT_THAT(one_way.loss().text, HasSubstr("127.0.0.1:1:"));
  EXPECT_THAT(other_way.loss().text, HasSubstr("127.0.0.1:1:"));
}

TEST_F(KafkaMockClusterTest, AFatalErrorOfTheIdempotentProducerEndsTheConnection) {
  cluster_.answer(MockCluster::init_producer_id, std::vector(20, RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED));
  RunningKafkaSink sink(loop_, kafka_settings(cluster_.address()));
  const Error loss = sink.loss();
  EXPECT_THAT(loss.text, HasSubstr("idempotent producer failed"));
  EXPECT_THAT(sink.observer.losses, SizeIs(1));
}

// Closing

TEST_F(KafkaMockClusterTest, ClosingGivesUpOnWhatIsNotAcknowledgedInTime) {
  RunningKafkaSink sink(loop_, kafka_settings(cluster_.address()));
  ASSERT_TRUE(sink.connected());
  ASSERT_EQ(sink.outcome_of(kafka_delivery(1, "cdr", "{}")).kind, delivered);
  cluster_.answer_after(60s);
  ASSERT_TRUE(sink.deliver(kafka_delivery(2, "cdr", "{}")));
  loop_.run_for(100ms);
  ASSERT_TRUE(sink.deliver(kafka_delivery(3, "cdr", "{}")));
  ASSERT_TRUE(sink.close(1s));
  EXPECT_EQ(sink.observer.count(retry), 2U);
}

}  // namespace
}  // namespace pbxbridge::test
