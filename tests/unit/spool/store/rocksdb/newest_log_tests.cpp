// A log that is gone, while older ones that tables have long since are still there.

#include "open_spool.hpp"
#include "pbxbridge/event.hpp"
#include "spool/store/epoch_log.hpp"
#include "spool/store/rocksdb/newest_log.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

namespace pbxbridge::spool {
namespace {

namespace fs = std::filesystem;

class NewestLogTest : public testing::Test {
 protected:
  static constexpr std::uint64_t events = 20'000;

  void SetUp() override {
    running_.emplace(config("running"));
    (*running_)->open_cursor("lake", Start::latest);
    (*running_)->start();
    running_->append_and_commit(0, events, 300);
    ASSERT_GT(logs("running").size(), 1U);
  }

  config::SpoolConfig config(const std::string& name) const {
    config::SpoolConfig config;
    config.path = directory_ / name;
    return config;
  }
  std::vector<fs::path> logs(const std::string& name) const {
    std::vector<fs::path> logs;
    for (const auto& entry : fs::directory_iterator(directory_ / name / "store"))
      if (entry.path().extension() == ".log") logs.push_back(entry.path());
    std::ranges::sort(logs);
    return logs;
  }
  /// Copies the spool as a kill leaves it, and removes the log.
  void kill_and_remove_newest_log() {
    copy_spool(directory_ / "running", directory_ / "killed");
    fs::remove(logs("killed").back());
  }

  const test::TemporaryDirectory directory_;
  std::optional<OpenSpool> running_;
};

TEST_F(NewestLogTest, IsMissedToTheLastEventOnceThatIsNoted) {
  const Sequence last = (*running_)->stats().last;
  ASSERT_TRUE(running_->run_until([&] { return EpochLog::read(directory_ / "running").newest == last; }));
  kill_and_remove_newest_log();
  OpenSpool spool(config("killed"));
  const auto lake = spool->open_cursor("lake", Start::latest);
  spool->start();
  const auto found = spool.read_all(lake);
  ASSERT_LT(found.size(), events);
  EXPECT_EQ(spool.dropped(lake, DropReason::corrupted), events - found.size());
}

TEST_F(NewestLogTest, IsMissedWhereItsEventsAreNotNotedYet) {
  kill_and_remove_newest_log();
  OpenSpool spool(config("killed"));
  const auto lake = spool->open_cursor("lake", Start::latest);
  spool->start();
  EXPECT_LT(spool.read_all(lake).size(), events);
  EXPECT_TRUE(spool.log_has("its log with the newest events is missing"));
}

TEST_F(NewestLogTest, IsNotMissedWhereTheNoteIsDamagedOrOfALongerName) {
  const fs::path store = directory_ / "running" / "store";
  EXPECT_FALSE(has_lost_newest_log(store, logs("running")));
  note_newest_log(store / "1000000.log");
  EXPECT_TRUE(has_lost_newest_log(store, logs("running"))) << "a million is later than 999,999";
  for (const std::string text : {"", "1000000.log", "1000000.log crc 00000000\n", "x\n"}) {
    std::ofstream(store / "newest_log") << text;
    EXPECT_FALSE(has_lost_newest_log(store, logs("running"))) << text;
  }
}

}  // namespace
}  // namespace pbxbridge::spool
