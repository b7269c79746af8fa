// Kafka says that records of the idempotent producer are missing, which ends it for good.

#include "duplicates.hpp"
#include "kafka_witness.hpp"
#include "scenario.hpp"
#include "support/kafka_mock_cluster.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace pbxbridge::test {
namespace {

/// The mock cluster keeps 5 MiB of a partition, and all records are read at the end.
constexpr int most_runs = 20;

/// No real broker can be had to say so, therefore librdkafka's.
TEST(FatalProducer, IsMadeAnewAndSendsAgainWhatWasNotAcknowledged) {
  MockCluster cluster;
  KafkaWitness kafka(cluster.address(), KafkaWitness::Topic::by_itself);
  Scenario scenario({.fault = "idempotent producer made fatal (mock cluster)"}, {&kafka});
  const int runs = std::min(robustness_runs(3), most_runs);
  scenario.start_bridge();
  for (int run = 1; run <= runs; ++run) {
    ASSERT_TRUE(scenario.wait_for_deliveries("lake", 50 * run));
    cluster.answer(MockCluster::produce, {RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER});
    ASSERT_TRUE(scenario.bridge().wait_for_metric(R"(pbxbridge_sink_connections_total{sink="lake"})", run + 1))
        << scenario.bridge().process().transcript();
  }
  EXPECT_TRUE(scenario.bridge().wait_for_log("idempotent producer failed")) << scenario.bridge().process().transcript();
  scenario.expect_recovery();
  // A broker rejects what is in flight after the rejected request, too, for its sequence; the mock takes it.
  scenario.expect_nothing_lost(
      {.duplicates = duplicates_of_a_connection * static_cast<std::size_t>(runs), .reordered = true}, runs);
}

}  // namespace
}  // namespace pbxbridge::test
