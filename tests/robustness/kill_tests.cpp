// pbxbridge dies without a word, at any moment, and goes on where it was.

#include "duplicates.hpp"
#include "kafka_witness.hpp"
#include "mqtt_witness.hpp"
#include "scenario.hpp"
#include "support/kafka_broker.hpp"
#include "support/wait.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace pbxbridge::test {
namespace {

using namespace std::chrono_literals;

constexpr int runs_in_short = 10;

/// A late request is rare: more of them would be redeliveries without their mark.
Allowance after_kills(int kills) {
  const auto runs = static_cast<std::size_t>(kills);
  return {.duplicates = duplicates_of_a_kill * runs, .late_requests = runs};
}

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
  scenario.expect_nothing_lost(after_kills(runs), runs);
}

/// The broker has not read yet what the killed pbxbridge sent, and reads it along with what the next one sends again:
/// there is nothing by which it could tell that nobody waits for it any more.
TEST(Kill, WithRequestsInAFrozenBrokerDeliversThemOnceMore) {
  KafkaBroker broker;
  KafkaWitness kafka(broker.address());
  Scenario scenario({.fault = "kill -9 with requests in a frozen Kafka", .events_a_second = 1000}, {&kafka});
  const int runs = robustness_runs(runs_in_short);
  scenario.start_bridge();
  for (int run = 0; run < runs; ++run) {
    ASSERT_TRUE(scenario.wait_for_deliveries("lake", 100));
    ASSERT_TRUE(eventually([&] { return scenario.lag("lake") < 50; })) << "what was sent again is sent a third time";
    broker.freeze();
    ASSERT_TRUE(eventually([&] { return scenario.lag("lake") >= 100; }));
    scenario.kill_bridge();
    scenario.start_bridge();
    broker.thaw();
  }
  scenario.expect_recovery();
  scenario.expect_nothing_lost(after_kills(runs), runs);
}

/// Compares what waits before and after a kill. Dead brokers take nothing that could show what was accepted: what waits
/// must wait still in the next life of pbxbridge.
class Waiting {
 public:
  explicit Waiting(Scenario& scenario)
      : scenario_(scenario), lake_(scenario.lag("lake")), board_(scenario.lag("board")) {}
  void expect_still() const {
    EXPECT_TRUE(eventually([&] { return scenario_.lag("lake") >= lake_ && scenario_.lag("board") >= board_; }, 10s))
        << scenario_.lag("lake") << " of " << lake_ << " and " << scenario_.lag("board") << " of " << board_;
  }

 private:
  Scenario& scenario_;
  double lake_;
  double board_;
};

/// Everything that comes waits on the disk, and is read from there after each kill.
TEST(Kill, WithDeadBrokersLosesNothingThatWasAccepted) {
  KafkaBroker broker;
  MosquittoBroker mosquitto({.config = {"max_queued_messages 0"}, .persistence = true});
  KafkaWitness kafka(broker.address());
  MqttWitness mqtt(mosquitto);
  Scenario scenario({.fault = "kill -9 with dead brokers", .events_a_second = 1000}, {&kafka, &mqtt});
  const int runs = robustness_runs(runs_in_short);
  auto random = seeded_random();
  std::uniform_int_distribution<int> milliseconds(0, 300);
  scenario.start_bridge();
  ASSERT_TRUE(scenario.wait_for_deliveries("lake", 100));
  broker.kill();
  mosquitto.stop();
  for (int run = 0; run < runs; ++run) {
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds(random)));
    const Waiting waiting(scenario);
    scenario.kill_bridge();
    scenario.start_bridge();
    waiting.expect_still();
  }
  mosquitto.start();
  broker.start();
  scenario.expect_recovery();
  scenario.expect_nothing_lost({.duplicates = duplicates_of_a_kill}, runs);
}

TEST(Stop, WithDeadBrokersEndsInTimeAndDeliversAtTheNextStart) {
  KafkaBroker broker;
  MosquittoBroker mosquitto({.config = {"max_queued_messages 0"}, .persistence = true});
  KafkaWitness kafka(broker.address());
  MqttWitness mqtt(mosquitto);
  Scenario scenario({.fault = "SIGTERM with dead brokers", .configuration = "shutdown_timeout: 2s\n"}, {&kafka, &mqtt});
  scenario.start_bridge();
  ASSERT_TRUE(scenario.wait_for_deliveries("lake", 100));
  broker.kill();
  mosquitto.stop();
  constexpr int runs = 2;
  for (int run = 0; run < runs; ++run) {
    EXPECT_TRUE(eventually([&] { return scenario.lag("lake") >= 500 && scenario.lag("board") >= 500; }, 60s));
    const Waiting waiting(scenario);
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(scenario.stop_bridge(), 0);
    EXPECT_LT(std::chrono::steady_clock::now() - start, 4s) << "the shutdown_timeout is 2 s";
    EXPECT_TRUE(scenario.bridge().wait_for_log("process.stopped_with_rest"))
        << scenario.bridge().process().transcript();
    scenario.start_bridge();
    waiting.expect_still();
  }
  mosquitto.start();
  broker.start();
  scenario.expect_recovery();
  scenario.expect_nothing_lost({.duplicates = duplicates_of_a_connection}, runs);
}

/// Events that the sink had read are no longer in the spool, and were not delivered when pbxbridge ended.
TEST(Stop, WithAFrozenBrokerAndATooSmallSpoolCountsWhatItHadReadAtTheNextStart) {
  MosquittoBroker mosquitto({.config = {"max_queued_messages 0"}, .persistence = true});
  MqttWitness mqtt(mosquitto);
  Scenario scenario({.fault = "SIGTERM with a frozen broker and a spool that is full",
                     .configuration = "shutdown_timeout: 2s\n",
                     .spool = ", max_size: 2MiB",
                     .simulator = {"--prepare", "5000", "--no-snapshots"}},
                    {&mqtt});
  scenario.start_bridge();
  ASSERT_TRUE(scenario.wait_for_deliveries("board", 100));
  mosquitto.freeze();
  scenario.set_rate(10'000);
  ASSERT_TRUE(eventually([&] { return scenario.dropped("board") > 0; }, 60s));
  scenario.set_rate(0);
  ASSERT_TRUE(eventually(
      [&] {
        return scenario.accepted() == static_cast<double>(scenario.ledger().pushes.size()) &&
               scenario.bridge().metric("pbxbridge_spool_bytes") <= 2 * 1024 * 1024;
      },
      60s));
  const double told = scenario.dropped("board");
  EXPECT_EQ(scenario.stop_bridge(), 0);
  EXPECT_TRUE(scenario.bridge().wait_for_log("which the next start counts"))
      << scenario.bridge().process().transcript();
  scenario.start_bridge();
  EXPECT_TRUE(eventually([&] { return scenario.dropped("board") > told; })) << "it lags, and was told nothing";
  EXPECT_TRUE(scenario.bridge().wait_for_log("spool.gap")) << scenario.bridge().process().transcript();
  mosquitto.thaw();
  scenario.expect_recovery();
  scenario.expect_nothing_lost_but_counted({.duplicates = duplicates_of_a_connection});
}

}  // namespace
}  // namespace pbxbridge::test
