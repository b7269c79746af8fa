// Somebody removes, moves or replaces files of a spool in use: each event that was accepted reaches each sink, or is
// counted as dropped for it and stands in a gap; or the spool fails and says how many there are.

#include "numbered_events.hpp"
#include "open_spool.hpp"
#include "pbxbridge/event.hpp"
#include "store_writer.hpp"
#include "support/temporary_directory.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <iterator>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

namespace pbxbridge::spool {
namespace {

namespace fs = std::filesystem;

fs::path any_file(const fs::path& directory, const std::string& part) {
  for (const auto& entry : fs::directory_iterator(directory))
    if (entry.path().filename().string().find(part) != std::string::npos) return entry.path();
  throw std::runtime_error("there is no file " + part);
}

fs::path newest_log(const fs::path& store) {
  fs::path newest;
  for (const auto& entry : fs::directory_iterator(store))
    if (entry.path().extension() == ".log") newest = std::max(newest, entry.path());
  return newest;
}

struct Removal {
  std::string name;
  std::function<void(const fs::path& spool)> remove;
};

const std::vector<Removal>& removals_of_files() {
  static const std::vector<Removal> all{
      {"store", [](const fs::path& spool) { fs::remove_all(spool / "store"); }},
      {"store_replaced_by_an_empty_one",
       [](const fs::path& spool) {
         fs::rename(spool / "store", spool / "moved");
         fs::create_directory(spool / "store");
       }},
      {"all_that_is_in_the_directory",
       [](const fs::path& spool) {
         for (const auto& entry : fs::directory_iterator(spool)) fs::remove_all(entry.path());
       }},
      {"lock", [](const fs::path& spool) { fs::remove(spool / "lock"); }},
      {"CURRENT", [](const fs::path& spool) { fs::remove(spool / "store/CURRENT"); }},
      {"MANIFEST", [](const fs::path& spool) { fs::remove(any_file(spool / "store", "MANIFEST")); }},
      {"log", [](const fs::path& spool) { fs::remove(newest_log(spool / "store")); }},
      {"table", [](const fs::path& spool) { fs::remove(any_file(spool / "store", ".sst")); }},
      {"all_tables",
       [](const fs::path& spool) {
         std::vector<fs::path> tables;
         for (const auto& entry : fs::directory_iterator(spool / "store"))
           if (entry.path().extension() == ".sst") tables.push_back(entry.path());
         for (const auto& table : tables) fs::remove(table);
       }},
  };
  return all;
}

std::set<std::int64_t> all_up_to(std::int64_t count) {
  std::set<std::int64_t> numbers;
  for (std::int64_t number = 0; number < count; ++number) numbers.insert(numbers.end(), number);
  return numbers;
}

class RemovedFiles : public testing::Test {
 protected:
  RemovedFiles() { config_.path = directory_ / "spool"; }

  void open() {
    spool_.reset();
    spool_.emplace(config_);
    lake_ = spool()->open_cursor("lake", Start::earliest);
    board_ = spool()->open_cursor("board", Start::earliest);
    spool()->set_on_failure([this](const Error& error) { failure_ = error.text; });
    spool()->start();
  }
  OpenSpool& spool() { return *spool_; }
  std::vector<Gap> gaps() {
    std::vector<Gap> found;
    for (const auto& [number, gap] : open_store(config_.path, BatchStore::Access::read_only)->gaps())
      if (gap.reason == GapReason::corrupted) found.push_back(gap);
    return found;
  }
  std::uint64_t lost_to(CursorId cursor) { return spool().dropped(cursor, DropReason::corrupted); }
  void expect_in_a_gap(Sequence event) {
    const auto known = gaps();
    EXPECT_TRUE(std::ranges::any_of(known, [event](const Gap& gap) {
      return gap.after < event && (gap.before.value == 0 || event < gap.before);
    })) << fmt::format("{:016x}", event.value);
  }
  /// Lake has acknowledged all of these, board has read none; more than memory holds.
  void accept_for_a_sink_that_is_away(std::uint64_t count) {
    spool().append_and_commit(0, count, 300);
    EXPECT_EQ(spool().drain(lake_), count);
    spool().flush();
  }

  const test::TemporaryDirectory directory_;
  config::SpoolConfig config_;
  std::optional<OpenSpool> spool_;
  CursorId lake_ = 0;
  CursorId board_ = 0;
  std::string failure_;
};

class RemovedFilesOfAStore : public RemovedFiles,
                             public testing::WithParamInterface<std::tuple<std::size_t, config::SyncMode>> {
 protected:
  RemovedFilesOfAStore() { config_.sync = std::get<config::SyncMode>(GetParam()); }
  const Removal& removal() const { return removals_of_files()[std::get<std::size_t>(GetParam())]; }
};

TEST_P(RemovedFilesOfAStore, CostNoSinkAnythingThatIsNotCounted) {
  constexpr std::uint64_t before = 25'000;
  constexpr std::uint64_t after = 300;
  open();
  const SpoolId id = spool()->id();
  accept_for_a_sink_that_is_away(before);
  removal().remove(config_.path);
  // Each of these seems to be committed.
  spool().append_and_commit(before, after, 300);
  if (removal().name != "lock") {
    ASSERT_TRUE(spool().run_until([&] { return spool().log_has("spool.recovered"); }));
    EXPECT_TRUE(spool().log_has("spool.files_removed"));
  }
  spool().append_and_commit(before + after, after, 300);
  const auto read = spool().read_all(board_);
  const std::set<std::int64_t> delivered(read.begin(), read.end());
  EXPECT_EQ(delivered.size(), read.size()) << "twice";
  const std::uint64_t accepted = before + 2 * after;
  EXPECT_EQ(delivered.size() + lost_to(board_), accepted);
  EXPECT_EQ(spool().drain(lake_), 2 * after);
  EXPECT_EQ(lost_to(lake_), 0U) << "it had them all";
  spool().acknowledge_all(board_);
  spool().flush();
  if (lost_to(board_) > 0) {
    std::set<std::int64_t> lost;
    std::ranges::set_difference(all_up_to(accepted), delivered, std::inserter(lost, lost.end()));
    for (const std::int64_t number : {*lost.begin(), *lost.rbegin()})
      expect_in_a_gap(Sequence{Sequence::first_of(1).value + static_cast<std::uint64_t>(number)});
  }
  EXPECT_EQ(failure_, "");
  EXPECT_TRUE(SpoolLock::is_held(config_.path));
  EXPECT_EQ(spool()->id(), id);
  open();
  EXPECT_EQ(spool()->id(), id) << "or retries had another id";
  EXPECT_EQ(spool()->unread(board_) + spool()->unread(lake_), 0U) << "the cursors are there";
}

std::string name_of(const testing::TestParamInfo<RemovedFilesOfAStore::ParamType>& info) {
  const auto& [removal, sync] = info.param;
  const std::string mode = sync == config::SyncMode::always     ? "always"
                           : sync == config::SyncMode::interval ? "interval"
                                                                : "none";
  return removals_of_files()[removal].name + "_" + mode;
}

INSTANTIATE_TEST_SUITE_P(Each, RemovedFilesOfAStore,
                         testing::Combine(testing::Range<std::size_t>(0, removals_of_files().size()),
                                          testing::Values(config::SyncMode::always, config::SyncMode::interval,
                                                          config::SyncMode::none)),
                         name_of);

TEST_F(RemovedFiles, WhatMemoryHoldsIsDeliveredStillOrToldAtTheNextStart) {
  open();
  spool().append_and_commit(0, 1000, 300);
  EXPECT_EQ(spool().read_events(lake_, 400).size(), 400U);
  fs::remove_all(config_.path / "store");
  ASSERT_TRUE(spool().run_until([&] { return spool().log_has("spool.recovered"); }));
  EXPECT_EQ(lost_to(lake_) + lost_to(board_), 0U);
  EXPECT_EQ(spool()->unread(board_), 1000U);
  EXPECT_EQ(spool().read_all(lake_).size(), 600U);
  const auto read = spool().read_events(board_, 300);
  spool()->acknowledge(board_, read.back()->sequence());
  spool().flush();
  open();
  EXPECT_EQ(lost_to(lake_), 1000U) << "it has acknowledged none";
  EXPECT_EQ(lost_to(board_), 700U);
  expect_in_a_gap(read.back()->sequence().next());
  open();
  EXPECT_EQ(lost_to(lake_) + lost_to(board_), 0U) << "once";
}

TEST_F(RemovedFiles, SequencesGoOnWithAStartOfTheirOwn) {
  open();
  spool().append_and_commit(0, 10);
  const Sequence last = spool()->stats().last;
  fs::remove_all(config_.path / "store");
  ASSERT_TRUE(spool().run_until([&] { return spool().log_has("spool.recovered"); }));
  spool().append_and_commit(10, 10);
  EXPECT_GT(spool()->stats().last.start_epoch(), last.start_epoch());
  const auto epoch = spool()->stats().last.start_epoch();
  open();
  spool().append_and_commit(20, 1);
  EXPECT_GT(spool()->stats().last.start_epoch(), epoch);
}

TEST_F(RemovedFiles, DeadLettersThatAreLostAreCountedAndGapsAreKept) {
  open();
  spool().append_and_commit(0, 3);
  for (const EventPtr& event : spool().read_events(board_, 2)) {
    spool()->letters().bury("board", {.event = event, .topic = "calls", .reason = "rejected"});
    spool()->acknowledge(board_, event->sequence());
  }
  const SystemTime now = std::chrono::system_clock::now();
  spool()->note_subscribed("hq", SubscribedState::on, now);
  spool()->note_subscribed("hq", SubscribedState::lost, now);
  spool()->note_subscribed("hq", SubscribedState::on, now + std::chrono::seconds(6));
  spool().flush();
  fs::remove_all(config_.path / "store");
  ASSERT_TRUE(spool().run_until([&] { return spool().log_has("spool.recovered"); }));
  EXPECT_EQ(lost_to(board_), 2U);
  spool().flush();
  const auto stored = open_store(config_.path, BatchStore::Access::read_only)->gaps();
  EXPECT_TRUE(std::ranges::any_of(stored, [](const auto& gap) { return gap.second.reason == GapReason::disconnected; }))
      << "it was recorded before";
}

/// Ends the spool, with a number, where a promise can no longer be kept.
class RemovedSpool : public RemovedFiles, public testing::WithParamInterface<std::string> {
 protected:
  void remove() {
    if (GetParam() == "removed") fs::remove_all(config_.path);
    if (GetParam() == "moved") fs::rename(config_.path, directory_ / "moved");
    if (GetParam() == "replaced_by_an_empty_one") {
      fs::remove_all(config_.path);
      fs::create_directory(config_.path);
    }
    if (GetParam() == "replaced_by_another_spool") {
      StoreWriter(directory_ / "other").append(0, 10, 10);
      fs::rename(config_.path, directory_ / "moved");
      fs::rename(directory_ / "other", config_.path);
    }
    if (GetParam() == "replaced_store_of_another_spool") {
      StoreWriter(directory_ / "other").append(0, 10, 10);
      fs::rename(config_.path / "store", directory_ / "moved");
      fs::rename(directory_ / "other/store", config_.path / "store");
    }
  }
};

TEST_P(RemovedSpool, FailsAndSaysHowMuchIsLost) {
  open();
  accept_for_a_sink_that_is_away(10'300);
  remove();
  ASSERT_TRUE(spool().run_until([&] { return !failure_.empty(); }));
  EXPECT_NE(failure_.find("10300 of sink board"), std::string::npos) << failure_;
  EXPECT_NE(failure_.find(" 0 of sink lake"), std::string::npos) << failure_;
  EXPECT_FALSE(spool()->writable());
  spool_.reset();
  const bool there = fs::exists(config_.path);
  EXPECT_EQ(there, GetParam().starts_with("replaced")) << "nothing is made where it was";
  if (GetParam() == "replaced_by_another_spool" || GetParam() == "replaced_store_of_another_spool") {
    EXPECT_EQ(open_store(config_.path)->segments().events(), 10U) << "it is none of ours";
  }
  if (GetParam() == "moved") {
    EXPECT_EQ(open_store(directory_ / "moved")->segments().events(), 10'300U);
  }
}

INSTANTIATE_TEST_SUITE_P(Each, RemovedSpool,
                         testing::Values("removed", "moved", "replaced_by_an_empty_one", "replaced_by_another_spool",
                                         "replaced_store_of_another_spool"),
                         [](const auto& instance) { return instance.param; });

TEST_F(RemovedFiles, ASecondProcessThatHasTakenTheRemovedLockEndsTheFirst) {
  open();
  accept_for_a_sink_that_is_away(100);
  fs::remove(config_.path / "lock");
  const auto second = SpoolLock::take(config_.path);
  ASSERT_TRUE(second);
  ASSERT_TRUE(spool().run_until([&] { return !failure_.empty(); }));
  EXPECT_NE(failure_.find("in use by process"), std::string::npos) << failure_;
}

}  // namespace
}  // namespace pbxbridge::spool
