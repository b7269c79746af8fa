// A disk that fails, fills up or takes its time under the spool, and a process that dies within a step of its writing.

#include "duplicates.hpp"
#include "kafka_witness.hpp"
#include "scenario.hpp"
#include "support/disk_faults.hpp"
#include "support/kafka_broker.hpp"
#include "support/wait.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>
#include <thread>

namespace pbxbridge::test {
namespace {

using namespace std::chrono_literals;

struct Step {
  std::string name;
  std::string call;  ///< the call and the file, as a rule of the faults begins
  int latest;        ///< one of so many calls is chosen by chance
  std::string action;
};

/// The steps of commit and acknowledge are writes and syncs of the log; opening writes what the log held as a table,
/// names it in the manifest, and removes the files before.
const std::vector<Step> steps{{"commit or acknowledge: before the write", "write .log", 60, "kill-before"},
                              {"commit or acknowledge: half written", "write .log", 60, "kill-half"},
                              {"commit or acknowledge: written", "write .log", 60, "kill-after"},
                              {"commit: before the sync", "sync .log", 40, "kill-before"},
                              {"commit: synced", "sync .log", 40, "kill-after"},
                              {"open: table half written", "write .sst", 1, "kill-half"},
                              {"open: table written", "sync .sst", 1, "kill-after"},
                              {"open: manifest half written", "write MANIFEST", 3, "kill-half"},
                              {"open: before the manifest's sync", "sync MANIFEST", 2, "kill-before"},
                              {"open: before the manifest is current", "rename CURRENT", 1, "kill-before"},
                              {"open: manifest is current", "rename CURRENT", 1, "kill-after"},
                              {"open: before a log is removed", "unlink .log", 1, "kill-before"},
                              {"open: log removed", "unlink .log", 1, "kill-after"},
                              {"open: before a manifest is removed", "unlink MANIFEST", 1, "kill-before"}};

TEST(DiskFault, AKillWithinAnyStepLosesNothingThatWasCommitted) {
  KafkaWitness kafka(shared_kafka());
  Scenario scenario({.fault = "kill -9 at each named step of open, commit, acknowledge", .events_a_second = 1000},
                    {&kafka});
  scenario.start_bridge();
  ASSERT_TRUE(scenario.wait_for_deliveries("lake", 200));
  scenario.kill_bridge();
  auto random = seeded_random();
  int kills = 1;
  const int rounds = std::max(1, robustness_runs(10) / 10);
  for (int round = 0; round < rounds; ++round)
    for (const auto& [name, call, latest, action] : steps) {
      const auto number = std::to_string(1 + random() % static_cast<unsigned>(latest));
      const DiskFaults faults(fmt::format("{} {} {}", call, number, action), scenario.directory());
      scenario.environment() = faults.environment();
      faults.begin();
      const bool killed = scenario.run_until_killed(5s);
      EXPECT_TRUE(killed) << name << ": the step was not reached";
      ++kills;
    }
  scenario.environment().clear();
  scenario.start_bridge();
  scenario.expect_recovery();
  scenario.expect_nothing_lost({.duplicates = duplicates_of_a_kill * static_cast<std::size_t>(kills)}, kills);
  EXPECT_FALSE(std::filesystem::exists(scenario.directory() / "spool/quarantine"))
      << "what is half written is no damage";
}

/// Tables go by whole files, once enough of them has been delivered.
TEST(DiskFault, AKillWithinATrimLosesNothing) {
  constexpr int events = 200'000;
  KafkaBroker broker;
  KafkaWitness kafka(broker.address());
  Scenario scenario({.fault = "kill -9 before and after a trim removes a table",
                     .events_a_second = 0,
                     .simulator = {"--prepare", "50000", "--no-snapshots"}},
                    {&kafka});
  int kills = 0;
  for (const std::string action : {"kill-before", "kill-after"}) {
    scenario.environment().clear();
    scenario.start_bridge();
    ASSERT_TRUE(scenario.wait_until_subscribed());
    broker.kill();
    scenario.set_rate(300'000);
    ASSERT_TRUE(eventually([&] { return scenario.accepted() >= events; }, 60s)) << scenario.accepted();
    scenario.set_rate(0);
    ASSERT_TRUE(eventually([&] { return scenario.lag("lake") >= events; }, 60s)) << scenario.lag("lake");
    scenario.kill_bridge();
    broker.start();
    const DiskFaults faults("unlink .sst 1 " + action, scenario.directory());
    scenario.environment() = faults.environment();
    faults.begin();
    EXPECT_TRUE(scenario.run_until_killed(60s)) << action << ": no table was removed";
    ++kills;
  }
  scenario.environment().clear();
  scenario.start_bridge();
  scenario.expect_recovery();
  // At full speed much is delivered between two looks at the cursor.
  scenario.expect_nothing_lost({.duplicates = static_cast<std::size_t>(kills * events)}, kills);
}

/// Runs with a fault of the disk from the moment on at which events flow.
class DiskTrouble : public testing::Test {
 protected:
  void begin(const std::string& name, const std::string& rules) {
    scenario_.emplace(ScenarioOptions{.fault = name}, std::vector<Witness*>{&kafka_});
    begin_with(rules);
  }
  /// Begins with the scenario as it is.
  void begin_with(const std::string& rules) {
    faults_.emplace(rules, scenario_->directory());
    scenario_->environment() = faults_->environment();
    scenario_->start_bridge();
    ASSERT_TRUE(scenario_->wait_for_deliveries("lake", 200)) << transcript();
    faults_->begin();
  }
  BridgeProcess& bridge() { return scenario_->bridge(); }
  std::string transcript() { return bridge().process().transcript(); }

  KafkaWitness kafka_{shared_kafka()};
  std::optional<Scenario> scenario_;
  std::optional<DiskFaults> faults_;
};

TEST_F(DiskTrouble, AFullDiskIsWaitedFor) {
  begin("disk full (ENOSPC) for 2 s", "write /spool/ 1+ ENOSPC;allocate /spool/ 1+ ENOSPC");
  EXPECT_TRUE(bridge().wait_for_log("spool.disk_full")) << transcript();
  const auto asked = std::chrono::steady_clock::now();
  Process redrive({bridge_executable(), "dead-letters", "redrive", "--sink", "lake", "--config",
                   bridge().configuration_file().string()});
  EXPECT_EQ(redrive.wait(), 74) << redrive.transcript();
  EXPECT_TRUE(redrive.wait_for_error("the disk of the spool is full")) << redrive.transcript();
  EXPECT_LT(std::chrono::steady_clock::now() - asked, 5s) << "it is not left waiting until the command gives up";
  std::this_thread::sleep_for(2s);
  faults_->end();
  scenario_->expect_recovery();
  EXPECT_TRUE(bridge().wait_for_log("spool.recovered")) << transcript();
  scenario_->expect_nothing_lost({.duplicates = duplicates_of_a_kill});
}

TEST_F(DiskTrouble, AFailedSyncIsNotTriedAgainAndTheStoreOpenedAnew) {
  begin("fsync error, once", "sync .log 5 EIO");
  EXPECT_TRUE(bridge().wait_for_log("spool.recovered")) << transcript();
  EXPECT_NE(faults_->action(), "");
  scenario_->expect_recovery();
  scenario_->expect_nothing_lost({.duplicates = duplicates_of_a_kill});
}

TEST_F(DiskTrouble, AFailedWriteLikewise) {
  begin("write error, once", "write .log 5 EIO");
  EXPECT_TRUE(bridge().wait_for_log("spool.recovered")) << transcript();
  scenario_->expect_recovery();
  scenario_->expect_nothing_lost({.duplicates = duplicates_of_a_kill});
}

std::string largest_table(const std::filesystem::path& spool) {
  std::filesystem::directory_entry largest;
  for (const auto& entry : std::filesystem::directory_iterator(spool / "store"))
    if (entry.path().extension() == ".sst" && (!largest.exists() || entry.file_size() > largest.file_size()))
      largest = entry;
  return largest.path().filename().string();
}

/// Network storage that is disturbed for a moment: what it holds is not damaged.
TEST_F(DiskTrouble, ReadsThatFailForAWhileCostNothing) {
  KafkaBroker broker;
  KafkaWitness kafka(broker.address());
  Scenario scenario({.fault = "read error for a while, of a sink that lags"}, {&kafka});
  scenario.start_bridge();
  ASSERT_TRUE(scenario.wait_for_deliveries("lake", 100));
  broker.kill();
  ASSERT_TRUE(eventually([&] { return scenario.lag("lake") >= 1000; }, 60s));
  scenario.kill_bridge();
  // A log is written as a table when the store is opened. Others, which are read back as they are written, are
  // left alone.
  scenario.start_bridge();
  scenario.kill_bridge();
  const DiskFaults faults("read " + largest_table(scenario.spool_directory()) + " 1+ EIO", scenario.directory());
  scenario.environment() = faults.environment();
  scenario.start_bridge();
  faults.begin();
  broker.start();
  EXPECT_TRUE(scenario.bridge().wait_for_log("spool.read_failed")) << scenario.bridge().process().transcript();
  faults.end();
  scenario.expect_recovery();
  scenario.expect_nothing_lost({.duplicates = duplicates_of_a_kill});
  EXPECT_EQ(scenario.dropped("lake"), 0);
}

TEST_F(DiskTrouble, SyncsThatGoOnFailingEndTheProcess) {
  begin("fsync error forever, then a sound disk", "sync .log 1+ EIO");
  const auto code = bridge().process().wait(20s);
  ASSERT_TRUE(code) << "it goes on without a disk:\n" << transcript();
  EXPECT_NE(code, 0);
  EXPECT_LT(*code, 128) << "it did not end by itself";
  faults_->end();
  scenario_->start_bridge();
  scenario_->expect_recovery();
  scenario_->expect_nothing_lost({.duplicates = duplicates_of_a_kill});
}

TEST_F(DiskTrouble, SlowSyncsLoseNothing) {
  begin("slow fsync (0.5 s)", "sync .log 1+ slow-500");
  scenario_->set_rate(2000);
  std::this_thread::sleep_for(3s);
  faults_->end();
  scenario_->expect_recovery();
  scenario_->expect_nothing_lost({});
}

TEST_F(DiskTrouble, NothingIsDeliveredBeforeItsSyncReturns) {
  begin("a sync that takes 8 s", "sync .log 1+ slow-8000");
  ASSERT_TRUE(eventually([&] { return !faults_->action().empty(); }, 20s)) << "the sync has begun";
  const auto begun = std::chrono::steady_clock::now();
  const double accepted = scenario_->accepted();
  const auto delivered = [&] { return bridge().metric(R"(pbxbridge_events_delivered_total{sink="lake"})"); };
  // Events that earlier syncs let through are still on their way.
  ASSERT_TRUE(eventually([&] { return scenario_->accepted() > accepted + 500; }, 10s)) << "the PBX is read on";
  const double settled = delivered();
  ASSERT_TRUE(eventually([&] { return scenario_->accepted() > accepted + 1500; }, 10s));
  const double later = delivered();
  ASSERT_LT(std::chrono::steady_clock::now() - begun, 8s) << "this machine is too slow to tell";
  EXPECT_EQ(later, settled) << "delivered before it was on the disk";
  faults_->end();
  scenario_->expect_recovery();
  scenario_->expect_nothing_lost({});
}

TEST_F(DiskTrouble, SessionsThatShareAFullQueueLoseNothing) {
  scenario_.emplace(ScenarioOptions{.fault = "slow fsync (0.2 s), two sessions, a full queue",
                                    .spool = ", queue_size: 1MiB",
                                    // They have no key, and between sessions there is no order.
                                    .simulator = {"--no-snapshots"},
                                    .second_session = R"(["103", "104", "105", "106", "107", "108", "109", "110"])"},
                    std::vector<Witness*>{&kafka_});
  begin_with("sync .log 1+ slow-200");
  scenario_->set_rate(30'000);
  EXPECT_TRUE(
      eventually([&] { return bridge().metric(R"(pbxbridge_pbx_paused_seconds_total{pbx="branch"})") > 2; }, 60s))
      << transcript();
  faults_->end();
  scenario_->set_rate(500);
  EXPECT_EQ(scenario_->dropped("lake"), 0) << transcript();
  scenario_->expect_recovery();
  scenario_->expect_nothing_lost({});
}

}  // namespace
}  // namespace pbxbridge::test
