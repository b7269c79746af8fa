// A PBX that breaks off, comes back, and pushes more than anybody expected.

#include "duplicates.hpp"
#include "kafka_witness.hpp"
#include "mqtt_witness.hpp"
#include "scenario.hpp"
#include "support/kafka_broker.hpp"
#include "support/wait.hpp"

#include <gtest/gtest.h>

#include <array>
#include <thread>

namespace pbxbridge::test {
namespace {

using namespace std::chrono_literals;

const MosquittoOptions fast_broker{.config = {"max_queued_messages 0"}, .max_inflight_messages = 500};

TEST(PbxFault, TheConnectionBreaksAgainAndAgain) {
  MosquittoBroker mosquitto;
  KafkaWitness kafka(shared_kafka());
  MqttWitness mqtt(mosquitto);
  Scenario scenario({.fault = "PBX flapping: FIN, RST, close codes, silence, closed port"}, {&kafka, &mqtt});
  scenario.start_bridge();
  ASSERT_TRUE(scenario.wait_until_subscribed());
  constexpr std::array<std::array<const char*, 2>, 6> faults{{{"drop fin", nullptr},
                                                              {"drop rst", nullptr},
                                                              {"close 1001 going away", nullptr},
                                                              {"close 1011 trouble", nullptr},
                                                              {"silent on", "silent off"},
                                                              {"refuse-connections on", "refuse-connections off"}}};
  const int runs = robustness_runs(20);
  auto random = seeded_random();
  std::uniform_int_distribution<int> milliseconds(0, 300);
  const auto wait = [&] { std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds(random))); };
  for (int run = 0; run < runs; ++run) {
    const auto& fault = faults[random() % faults.size()];
    scenario.pbx().command(fault[0]);
    wait();
    if (fault[1] != nullptr) scenario.pbx().command(fault[1]);
    wait();
  }
  scenario.expect_recovery();
  scenario.expect_nothing_lost({}, runs);
}

TEST(PbxFault, ABurstOfAHundredThousandEvents) {
  constexpr double events = 100'000;
  MosquittoBroker mosquitto(fast_broker);
  KafkaWitness kafka(shared_kafka());
  MqttWitness mqtt(mosquitto);
  Scenario scenario({.fault = "burst of 100,000 events", .events_a_second = 0}, {&kafka, &mqtt});
  scenario.start_bridge();
  ASSERT_TRUE(scenario.wait_until_subscribed());
  scenario.set_rate(100'000);
  EXPECT_TRUE(eventually([&] { return scenario.accepted() >= events; }, 60s)) << scenario.accepted() << " accepted";
  scenario.set_rate(0);
  scenario.expect_nothing_lost({});
}

}  // namespace
}  // namespace pbxbridge::test
