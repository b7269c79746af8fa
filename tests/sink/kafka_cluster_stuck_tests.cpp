// A cluster of Apache Kafka whose topic demands more replicas in sync than it has.

#include "sink/kafka_sink_fixture.hpp"
#include "support/kafka_admin.hpp"
#include "support/kafka_cluster.hpp"

#include <gmock/gmock.h>

#include <string>

namespace pbxbridge::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

std::string as_list(std::string addresses) {
  const std::string between = "\", \"";
  for (auto at = addresses.find(','); at != std::string::npos; at = addresses.find(',', at + between.size()))
    addresses.replace(at, 1, between);
  return addresses;
}

TEST(KafkaClusterStuck, TooFewReplicasInSyncAreToldUntilThereAreEnoughAgain) {
  KafkaCluster cluster;
  const std::string topic = fresh_topic_name();
  KafkaAdmin(cluster.addresses()).create_topic(topic, 1, {{"min.insync.replicas", "3"}});
  EventLoop loop;
  RunningKafkaSink sink(loop, kafka_settings(as_list(cluster.addresses())));
  ASSERT_TRUE(sink.connected());
  ASSERT_EQ(sink.outcome_of(kafka_delivery(1, topic, "{}")).kind, Outcome::Kind::delivered);
  cluster.kill(2);
  ASSERT_TRUE(sink.deliver(kafka_delivery(2, topic, "{}")));
  const auto& reasons = sink.observer.stuck_reasons;
  // A node that has died is in sync until it has missed its heartbeats.
  ASSERT_TRUE(loop.run_until([&] { return !reasons.empty() && reasons.back().starts_with("topic "); }, 60s));
  EXPECT_THAT(reasons.back(), AllOf(HasSubstr("topic " + topic + ": "), HasSubstr("Broker: "), HasSubstr("replicas")));
  cluster.start(2);
  ASSERT_TRUE(loop.run_until([&] { return sink.observer.unstuck_calls == 1; }, 60s));
  EXPECT_EQ(sink.observer.outcomes.at(2).kind, Outcome::Kind::delivered);
  EXPECT_THAT(sink.observer.losses, IsEmpty());
}

}  // namespace
}  // namespace pbxbridge::test
