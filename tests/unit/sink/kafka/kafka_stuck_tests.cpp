// What a broker does not acknowledge, though it stands, and why.

#include "sink/kafka/kafka_settings.hpp"
#include "sink/kafka_sink_fixture.hpp"
#include "support/kafka_mock_cluster.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace pbxbridge::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Many enough for a minute.
constexpr std::size_t many = 1'000;

class KafkaStuckTest : public testing::Test {
 protected:
  KafkaStuckTest() { cluster_.create_topic("cdr", 2); }

  bool gets_stuck() {
    return loop_.run_until([&] { return !sink_.observer.stuck_reasons.empty(); }, 10s);
  }
  bool gets_unstuck() {
    return loop_.run_until([&] { return sink_.observer.unstuck_calls == 1; }, 15s);
  }
  /// Numbered, with a key of this partition of two.
  static Delivery delivery(std::uint64_t token, std::int32_t partition) {
    std::string key = "0";
    while (rd_kafka_msg_partitioner_murmur2(nullptr, key.data(), key.size(), 2, nullptr, nullptr) != partition)
      ++key.back();
    return kafka_delivery(token, "cdr", "{}", key);
  }

  MockCluster cluster_;
  EventLoop loop_;
  RunningKafkaSink sink_{loop_, kafka_settings(cluster_.address())};
};

TEST_F(KafkaStuckTest, ABrokerThatRefusesForNowIsToldWithItsErrorAndOnceMoreWhenItDoesNot) {
  ASSERT_TRUE(sink_.connected());
  cluster_.answer(MockCluster::produce, std::vector(60, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS));
  ASSERT_TRUE(sink_.deliver(delivery(1, 0)));
  ASSERT_TRUE(gets_stuck());
  EXPECT_THAT(sink_.observer.stuck_reasons.front(),
              AllOf(HasSubstr("topic cdr: "), HasSubstr("fewer replicas in sync than it demands"),
                    HasSubstr("Broker: Not enough in-sync replicas")));
  ASSERT_TRUE(gets_unstuck());
  EXPECT_EQ(sink_.observer.outcomes.at(1).kind, Outcome::Kind::delivered);
  EXPECT_THAT(sink_.observer.losses, IsEmpty());
}

TEST_F(KafkaStuckTest, APartitionWithoutALeaderIsToldThoughTheOtherFlows) {
  ASSERT_TRUE(sink_.connected());
  cluster_.remove_leader("cdr", 1);
  ASSERT_TRUE(sink_.deliver(delivery(1, 1)));
  const auto end = std::chrono::steady_clock::now() + 12s;
  std::uint64_t token = 1;
  while (sink_.observer.stuck_reasons.empty() && std::chrono::steady_clock::now() < end) {
    ASSERT_TRUE(sink_.deliver(delivery(++token, 0)));
    loop_.run_for(100ms);
  }
  EXPECT_THAT(sink_.observer.stuck_reasons, ElementsAre(AllOf(HasSubstr("no leader"), HasSubstr("cdr [1]"))));
  EXPECT_GT(sink_.observer.count(Outcome::Kind::delivered), 20U);
  cluster_.elect_leader("cdr", 1);
  ASSERT_TRUE(
      loop_.run_until([&] { return sink_.deliver(delivery(++token, 0)) && sink_.observer.unstuck_calls == 1; }, 15s));
  EXPECT_EQ(sink_.observer.outcomes.at(1).kind, Outcome::Kind::delivered);
}

TEST_F(KafkaStuckTest, ABrokerThatAnswersSlowlyIsNot) {
  ASSERT_TRUE(sink_.connected());
  cluster_.answer_after(1500ms);
  for (std::uint64_t token = 1; token <= 80; ++token) {
    ASSERT_TRUE(sink_.deliver(delivery(token, static_cast<std::int32_t>(token % 2))));
    loop_.run_for(100ms);
  }
  EXPECT_TRUE(sink_.settled());
  EXPECT_THAT(sink_.observer.stuck_reasons, IsEmpty());
}

TEST(KafkaStandstill, IsToldWithTheReasonAtItsEnd) {
  MockCluster cluster;
  cluster.create_topic("cdr", 1);
  auto settings = dynamic_cast<const sink::KafkaSettings&>(*kafka_settings(cluster.address()));
  settings.longest_silence = 8s;
  EventLoop loop;
  RunningKafkaSink sink(loop, std::make_shared<sink::KafkaSettings>(settings));
  ASSERT_TRUE(sink.connected());
  cluster.answer(MockCluster::produce, std::vector(many, RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR));
  ASSERT_TRUE(sink.deliver(kafka_delivery(1, "cdr", "{}")));
  EXPECT_THAT(sink.loss(20s).text, AllOf(HasSubstr("no event was acknowledged for 8 s"),
                                         HasSubstr("trouble with its disk"), HasSubstr("replicas in sync")));
}

}  // namespace
}  // namespace pbxbridge::test
