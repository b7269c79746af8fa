// Somebody removes the spool, or a part of it, under a running pbxbridge while a broker is away: what was accepted is
// delivered or counted, or the process ends and says how much it is.

#include "duplicates.hpp"
#include "kafka_witness.hpp"
#include "mqtt_witness.hpp"
#include "scenario.hpp"
#include "support/kafka_broker.hpp"
#include "support/wait.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <string>

namespace pbxbridge::test {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

class RemovedSpool : public testing::Test {
 protected:
  /// Kafka is away from the first event on, mosquitto gets all.
  void wait_with_events_for_a_broker_that_is_away(const std::string& fault, const std::string& sync) {
    scenario_.emplace(ScenarioOptions{.fault = fault, .events_a_second = 0, .spool = ", sync: " + sync},
                      std::vector<Witness*>{&kafka_, &mqtt_});
    broker_.kill();
    scenario_->start_bridge();
    ASSERT_TRUE(scenario_->wait_until_subscribed()) << transcript();
    scenario_->set_rate(5000);
    ASSERT_TRUE(eventually([&] { return scenario_->lag("lake") >= 10'300; }, 60s)) << transcript();
  }
  std::string transcript() { return scenario_->bridge().process().transcript(); }
  fs::path spool() { return scenario_->spool_directory(); }

  KafkaBroker broker_;
  MosquittoBroker mosquitto_{{.config = {"max_queued_messages 0"}, .persistence = true}};
  KafkaWitness kafka_{broker_.address()};
  MqttWitness mqtt_{mosquitto_};
  std::optional<Scenario> scenario_;
};

class RemovedStore : public RemovedSpool, public testing::WithParamInterface<const char*> {};

TEST_P(RemovedStore, IsMadeAnewAndWhatItLacksIsCounted) {
  wait_with_events_for_a_broker_that_is_away(std::string("rm -rf of the store, sync: ") + GetParam(), GetParam());
  fs::remove_all(spool() / "store");
  ASSERT_TRUE(scenario_->bridge().wait_for_log("spool.files_removed", 5s)) << transcript();
  ASSERT_TRUE(scenario_->bridge().wait_for_log("spool.recovered")) << transcript();
  EXPECT_GT(scenario_->dropped("lake"), 0) << "more than memory held";
  EXPECT_EQ(scenario_->dropped("board"), 0) << "it had them all";
  scenario_->set_rate(500);
  broker_.start();
  scenario_->expect_recovery({}, 60s);
  scenario_->expect_nothing_lost_but_counted({.duplicates = duplicates_of_a_connection});
  EXPECT_EQ(scenario_->stop_bridge(), 0);
  Process list(
      {bridge_executable(), "spool", "list", "--gaps", "--config", scenario_->bridge().configuration_file().string()});
  EXPECT_TRUE(list.wait_for_output("corrupted")) << list.transcript();
}

INSTANTIATE_TEST_SUITE_P(Each, RemovedStore, testing::Values("always", "interval", "none"),
                         [](const auto& instance) { return std::string(instance.param); });

TEST_F(RemovedSpool, ATableThatIsRemovedCostsNoMoreThanItHeld) {
  wait_with_events_for_a_broker_that_is_away("one table removed while running", "always");
  fs::path table;
  ASSERT_TRUE(eventually(
      [&] {
        for (const auto& entry : fs::directory_iterator(spool() / "store"))
          if (entry.path().extension() == ".sst") table = entry.path();
        return !table.empty();
      },
      60s));
  fs::remove(table);
  ASSERT_TRUE(scenario_->bridge().wait_for_log("spool.recovered")) << transcript();
  scenario_->set_rate(500);
  broker_.start();
  scenario_->expect_recovery({}, 60s);
  scenario_->expect_nothing_lost_but_counted({.duplicates = duplicates_of_a_connection});
}

TEST_F(RemovedSpool, TheDirectoryThatIsGoneEndsTheProcessWithTheNumberOfWhatIsLost) {
  const std::vector<std::function<void(const fs::path&)>> removals{
      [](const fs::path& spool) { fs::remove_all(spool); },
      [](const fs::path& spool) { fs::rename(spool, spool.string() + "-moved"); },
      [](const fs::path& spool) {
        fs::remove_all(spool);
        fs::create_directory(spool);
      }};
  for (const auto& remove : removals) {
    wait_with_events_for_a_broker_that_is_away("rm -rf of the spool", "always");
    scenario_->set_rate(0);
    ASSERT_TRUE(eventually([&] { return scenario_->lag("board") == 0; }, 30s));
    const auto lag = std::to_string(static_cast<int>(scenario_->lag("lake")));
    remove(spool());
    EXPECT_EQ(scenario_->bridge().process().wait(10s), 74) << transcript();
    EXPECT_NE(transcript().find(lag + " of sink lake"), std::string::npos) << lag << '\n' << transcript();
    scenario_.reset();
    broker_.start();
  }
}

}  // namespace
}  // namespace pbxbridge::test
