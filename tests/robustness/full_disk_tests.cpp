// A disk that is smaller than the spool may grow, and a broker that is dead: the disk fills up before any bound holds.

#include "duplicates.hpp"
#include "mqtt_witness.hpp"
#include "scenario.hpp"
#include "small_disk.hpp"
#include "support/wait.hpp"

#include <gtest/gtest.h>

#include <iostream>

namespace pbxbridge::test {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t disk_mebibytes = 48;
constexpr std::uint64_t filler_mebibytes = 16;

class FullDisk : public testing::Test {
 protected:
  void SetUp() override {
    disk_ = SmallDisk::mount(disk_mebibytes);
    if (!disk_) GTEST_SKIP() << "needs root and CAP_SYS_ADMIN, to mount a small disk";
  }

  /// Waits until the disk is full and events were turned away or given up.
  void fill(const std::string& fault, const std::string& spool) {
    scenario_.emplace(ScenarioOptions{.fault = fault,
                                      .events_a_second = 500,
                                      .spool = ", max_pause: 500ms" + spool,
                                      .spool_directory = disk_->path() / "spool",
                                      .simulator = {"--prepare", "5000", "--no-snapshots"}},
                      std::vector<Witness*>{&mqtt_});
    scenario_->start_bridge();
    ASSERT_TRUE(scenario_->wait_for_deliveries("board", 200)) << transcript();
    mosquitto_.stop();
    disk_->fill(filler_mebibytes);
    scenario_->set_rate(20'000);
    ASSERT_TRUE(scenario_->bridge().wait_for_log("spool.disk_full", 60s)) << transcript();
    EXPECT_TRUE(eventually([&] { return scenario_->dropped("board") > 0; }, 60s)) << transcript();
    EXPECT_TRUE(scenario_->bridge().process().running()) << transcript();
  }

  void heal() {
    scenario_->set_rate(500);
    disk_->give_back();
    EXPECT_TRUE(scenario_->bridge().wait_for_log("spool.recovered")) << transcript();
    EXPECT_TRUE(eventually([&] { return writable(); })) << transcript();
    mosquitto_.start();
    scenario_->expect_traffic("board");  // a mark would come after the whole backlog
    scenario_->expect_nothing_lost_but_counted({.duplicates = duplicates_of_a_connection});
    EXPECT_TRUE(scenario_->bridge().wait_for_log("spool.gap")) << transcript();
    std::cout << gaps("spool_full") << " gaps of a full spool, " << gaps("overload") << " of overload\n";
    EXPECT_GT(gaps("spool_full") + gaps("overload"), 0);
    EXPECT_TRUE(scenario_->bridge().process().running());
  }

  bool writable() { return scenario_->bridge().metric("pbxbridge_spool_writable") == 1; }
  double gaps(const std::string& reason) {
    return scenario_->bridge().metric("pbxbridge_gaps_total{reason=\"" + reason + "\"}");
  }
  std::string transcript() { return scenario_->bridge().process().transcript(); }

  std::unique_ptr<SmallDisk> disk_;
  MosquittoBroker mosquitto_{{.config = {"max_queued_messages 0"}, .persistence = true}};
  MqttWitness mqtt_{mosquitto_};
  std::optional<Scenario> scenario_;
};

TEST_F(FullDisk, GivesUpTheOldestAndGoesOn) {
  fill("small disk full, drop_oldest, dead broker", ", max_size: 1GiB, full: drop_oldest");
  heal();
}

TEST_F(FullDisk, TurnsTheNewestAwayAndGoesOn) {
  fill("small disk full, reject_newest, dead broker", ", max_size: 64MiB, full: reject_newest");
  heal();
}

}  // namespace
}  // namespace pbxbridge::test
