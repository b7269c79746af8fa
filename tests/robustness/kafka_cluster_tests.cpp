// One node of three dies: the others have what was acknowledged, and go on.

#include "duplicates.hpp"
#include "kafka_witness.hpp"
#include "scenario.hpp"
#include "support/kafka_cluster.hpp"
#include "support/wait.hpp"

#include <gtest/gtest.h>

namespace pbxbridge::test {
namespace {

constexpr int between_the_faults = 1000;

TEST(ClusterFault, OneNodeOfThreeIsKilled) {
  KafkaCluster cluster;
  KafkaWitness kafka(cluster.addresses());
  Scenario scenario({.fault = "one Kafka node of three killed, acks=all, min.insync.replicas=2"}, {&kafka});
  scenario.start_bridge();
  int delivered = between_the_faults;
  ASSERT_TRUE(scenario.wait_for_deliveries("lake", delivered));
  // Each node in turn in the long form.
  const int runs = robustness_runs(0) > 0 ? static_cast<int>(KafkaCluster::nodes) : 1;
  for (int run = 0; run < runs; ++run) {
    const auto node = static_cast<std::size_t>(run);
    cluster.kill(node);
    scenario.expect_recovery();  // without it: two replicas are enough
    ASSERT_TRUE(scenario.wait_for_deliveries("lake", delivered += between_the_faults));
    cluster.start(node);
    scenario.expect_recovery();
    ASSERT_TRUE(scenario.wait_for_deliveries("lake", delivered += between_the_faults));
  }
  scenario.expect_nothing_lost({.duplicates = duplicates_of_a_connection}, runs);
}

}  // namespace
}  // namespace pbxbridge::test
