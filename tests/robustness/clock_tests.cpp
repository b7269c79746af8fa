// The clock of the machine is set while events come: nothing that is counted or kept by time goes wrong.

#include "duplicates.hpp"
#include "kafka_witness.hpp"
#include "mqtt_witness.hpp"
#include "scenario.hpp"
#include "support/clock_shift.hpp"
#include "support/kafka_broker.hpp"
#include "support/wait.hpp"

#include <gtest/gtest.h>

#include <array>
#include <sstream>

namespace pbxbridge::test {
namespace {

using namespace std::chrono_literals;

/// Nothing that is measured can be below nothing.
void expect_no_negative_metric(Scenario& scenario) {
  std::istringstream lines(scenario.bridge().get("/metrics"));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) continue;
    EXPECT_FALSE(line.substr(line.rfind(' ') + 1).starts_with('-')) << line;
  }
}

TEST(Clock, JumpsByAnHourCostNothing) {
  MosquittoBroker mosquitto({.config = {"max_queued_messages 0"}, .persistence = true});
  KafkaWitness kafka(shared_kafka());
  MqttWitness mqtt(mosquitto);
  Scenario scenario({.fault = "clock set forward and back by an hour", .spool = ", max_age: 2h"}, {&kafka, &mqtt});
  const ClockShift clock(scenario.directory());
  scenario.environment() = clock.environment();
  scenario.start_bridge();
  ASSERT_TRUE(scenario.wait_for_deliveries("board", 200));
  mosquitto.stop();  // so that there are events in the spool which are an hour old, or not yet born
  ASSERT_TRUE(eventually([&] { return scenario.lag("board") >= 200; }));
  constexpr std::array<std::chrono::hours, 4> jumps{1h, 0h, -1h, 0h};
  int delivered = static_cast<int>(scenario.bridge().metric("pbxbridge_events_delivered_total{sink=\"lake\"}"));
  for (const auto ahead : jumps) {
    clock.set(ahead);
    delivered += 400;
    ASSERT_TRUE(scenario.wait_for_deliveries("lake", delivered)) << scenario.bridge().process().transcript();
    expect_no_negative_metric(scenario);
  }
  mosquitto.start();
  scenario.expect_recovery();
  expect_no_negative_metric(scenario);
  EXPECT_EQ(scenario.dropped("board"), 0);
  EXPECT_EQ(scenario.dropped("lake"), 0);
  scenario.expect_nothing_lost({.duplicates = duplicates_of_a_connection}, static_cast<int>(jumps.size()));
}

}  // namespace
}  // namespace pbxbridge::test
