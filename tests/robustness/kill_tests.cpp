// pbxbridge dies without a word, at any moment, and goes on where it was.

#include "duplicates.hpp"
#include "kafka_witness.hpp"
#include "mqtt_witness.hpp"
#include "scenario.hpp"
#include "support/kafka_broker.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace pbxbridge::test {
namespace {

constexpr int runs_in_short = 10;

TEST(Kill, AtRandomPointsLosesNothingThatWasAccepted) {
  MosquittoBroker mosquitto;
  KafkaWitness kafka(shared_kafka());
  MqttWitness mqtt(mosquitto);
  Scenario scenario({.fault = "kill -9 at random points", .events_a_second = 1000}, {&kafka, &mqtt});
  const int runs = robustness_runs(runs_in_short);
  auto random = seeded_random();
  std::uniform_int_distribution<int> milliseconds(0, 700);
  scenario.start_bridge();
  for (int run = 0; run < runs; ++run) {
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds(random)));
    scenario.kill_bridge();
    scenario.start_bridge();
  }
  scenario.expect_recovery();
  scenario.expect_nothing_lost({.duplicates = duplicates_of_a_kill * static_cast<std::size_t>(runs)}, runs);
}

}  // namespace
}  // namespace pbxbridge::test
