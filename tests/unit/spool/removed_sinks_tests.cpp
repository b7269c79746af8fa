// Cursors of sinks that are removed from the configuration, come back, or begin again in the same process.

#include "numbered_events.hpp"
#include "open_spool.hpp"
#include "pbxbridge/event.hpp"
#include "spool/cursor/deferred_deliveries.hpp"
#include "spool/memory_spool.hpp"
#include "store_writer.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <optional>
#include <string>
#include <vector>

namespace pbxbridge::spool {
namespace {

using std::chrono::hours;

class RemovedSinks : public testing::Test {
 protected:
  RemovedSinks() {
    config_.path = directory_ / "spool";
    config_.max_age = hours{24 * 3650};  // numbered events are of a fixed time
  }

  /// Opens it as a process with these sinks would.
  void open(const std::vector<std::string>& sinks) {
    spool_.reset();
    spool_.emplace(config_);
    cursors_.clear();
    for (const auto& sink : sinks) cursors_.push_back(spool()->open_cursor(sink, Start::latest));
    spool()->start();
  }
  OpenSpool& spool() { return *spool_; }
  void acknowledge(CursorId cursor, std::size_t events) {
    spool()->acknowledge(cursor, spool().read_events(cursor, events).back()->sequence());
  }
  std::uint64_t events() { return spool()->stats().events; }
  std::vector<std::string> stored_cursors() {
    std::vector<std::string> sinks;
    const auto store = open_store(config_.path, BatchStore::Access::read_only);
    for (const auto& [sink, position] : store->cursors()) sinks.push_back(sink);
    return sinks;
  }

  /// `board` takes 6000 events, of which the bound removes the oldest for `lake`: in a process that has removed it,
  /// and in the next.
  void lose_events_of_removed_lake() {
    config_.max_size = config::ByteSize{2 * 1024 * 1024};
    open({"board", "lake"});
    spool()->remove_cursor(cursors_[1]);
    for (std::uint64_t first = 0; first < 6000; first += 100) {
      if (first == 3000) open({"board"});
      spool().append_and_commit(first, 100, 4000);
      (void)spool().drain(cursors_[0]);
    }
    spool().flush();
    EXPECT_FALSE(spool().log_has("spool.gap")) << "no sink of the configuration misses any";
  }
  void expect_lost_and_held(CursorId cursor, std::uint64_t events) {
    ASSERT_TRUE(spool().run_until([&] { return spool().dropped(cursor, DropReason::spool_full) > 0; }));
    EXPECT_TRUE(spool().log_has("spool.gap"));
    EXPECT_EQ(spool().read_all(cursor).size() + spool().dropped(cursor, DropReason::spool_full), events);
  }

  const test::TemporaryDirectory directory_;
  config::SpoolConfig config_;
  std::optional<OpenSpool> spool_;
  std::vector<CursorId> cursors_;
};

TEST_F(RemovedSinks, OneThatBeginsAgainReadsWhatItHasNotAcknowledged) {
  open({"lake"});
  spool().append_and_commit(0, 100);
  acknowledge(cursors_[0], 30);
  const auto read = spool().read_events(cursors_[0], 50).back()->sequence();
  const CursorId again = spool()->open_cursor("lake", Start::latest);
  EXPECT_EQ(again, cursors_[0]);
  EXPECT_EQ(spool()->replayed_up_to(again), read) << "up to there its sink may have had them";
  EXPECT_EQ(spool().read_all(again), numbers(30, 70));
}

TEST_F(RemovedSinks, WhatWasBeingFetchedForTheOneBeforeIsNotForTheNext) {
  open({"lake"});
  for (std::uint64_t first = 0; first < 20'000; first += 1000) spool().append_and_commit(first, 1000, 2000);
  std::vector<EventPtr> events;
  // Reads so far back that it comes from the disk, in many chunks.
  while (spool()->unread(cursors_[0]) > 15'000) {
    const auto some = spool().read_events(cursors_[0], 100);
    ASSERT_FALSE(some.empty());
  }
  spool()->read(cursors_[0], 100'000, events);
  spool()->read(cursors_[0], 100'000, events);  // orders the next chunk
  EXPECT_TRUE(events.empty());
  const CursorId again = spool()->open_cursor("lake", Start::latest);
  EXPECT_EQ(spool().read_all(again), numbers(0, 20'000));
}

TEST_F(RemovedSinks, OneThatBeginsAgainKeepsWhatItHasDeferred) {
  open({"lake"});
  spool().append_and_commit(0, 10);
  const auto read = spool().read_events(cursors_[0], 8);
  spool()->acknowledge(cursors_[0], read[2]->sequence());
  spool()->remember_deferred(cursors_[0], {read[7]->sequence(), {{read[3]->sequence(), 7}}});
  const CursorId again = spool()->open_cursor("lake", Start::latest);
  EXPECT_EQ(spool()->deferred(again).deliveries.size(), 1U);
  EXPECT_EQ(spool().read_all(again), (std::vector<std::int64_t>{3, 8, 9}));
}

TEST_F(RemovedSinks, OneIsAddedAtTheEndOrAtTheOldest) {
  open({"lake"});
  spool().append_and_commit(0, 50);
  const CursorId late = spool()->open_cursor("late", Start::latest);
  const CursorId early = spool()->open_cursor("early", Start::earliest);
  spool().append_and_commit(50, 5);
  EXPECT_EQ(spool().read_all(late), numbers(50, 5));
  EXPECT_EQ(spool().read_all(early), numbers(0, 55));
  EXPECT_EQ(spool().read_all(cursors_[0]), numbers(0, 55));
}

TEST_F(RemovedSinks, OneIsAddedAtTheEndThoughTheSpoolWasSalvagedAtTheStart) {
  open({"lake"});
  spool().append_and_commit(0, 50);
  spool_.reset();
  std::ofstream(config_.path / "store" / "CURRENT");
  open({"lake"});
  const CursorId late = spool()->open_cursor("late", Start::latest);
  spool().append_and_commit(50, 5);
  EXPECT_EQ(spool().read_all(late), numbers(50, 5)) << "it is new, since the start has told which cursors were lost";
  EXPECT_EQ(spool().read_all(cursors_[0]), numbers(0, 55));
}

TEST_F(RemovedSinks, KeepTheirPlaceAndWhatComesAfterIt) {
  open({"lake", "board"});
  spool().append_and_commit(0, 100);
  acknowledge(cursors_[0], 40);
  (void)spool().drain(cursors_[1]);
  spool()->remove_cursor(cursors_[0]);
  EXPECT_TRUE(spool().log_has("spool.cursor_orphaned"));
  spool().append_and_commit(100, 20);
  (void)spool().drain(cursors_[1]);
  EXPECT_EQ(spool()->stats().oldest_age.count(), 0) << "no sink waits for any of them";
  EXPECT_EQ(spool().read_all(spool()->open_cursor("lake", Start::latest)), numbers(40, 80));
}

TEST_F(RemovedSinks, KeepThatOverARestart) {
  open({"lake", "board"});
  spool().append_and_commit(0, 100);
  acknowledge(cursors_[0], 40);
  (void)spool().drain(cursors_[1]);
  open({"board"});
  EXPECT_TRUE(spool().log_has("spool.cursor_orphaned"));
  EXPECT_TRUE(spool().log_has("lake"));
  spool().append_and_commit(100, 20);
  (void)spool().drain(cursors_[0]);
  open({"board"});
  EXPECT_EQ(spool().read_all(spool()->open_cursor("lake", Start::latest)), numbers(40, 80));
  open({"board", "lake"});
  EXPECT_EQ(spool().read_all(cursors_[1]), numbers(40, 80));
}

TEST_F(RemovedSinks, AreForgottenOnceTheyHaveBeenGoneForMaxAge) {
  config_.max_age = std::chrono::milliseconds(200);
  open({"lake", "board"});
  spool().append_and_commit(0, 10);
  spool()->remove_cursor(cursors_[0]);
  ASSERT_TRUE(spool().run_until([&] { return spool().log_has("spool.cursor_expired"); }));
  EXPECT_FALSE(spool()->forget_sink("lake")) << "there is none any more";
  spool().flush();
  EXPECT_EQ(stored_cursors(), std::vector<std::string>{"board"});
  spool().append_and_commit(10, 5);
  EXPECT_EQ(spool().read_all(spool()->open_cursor("lake", Start::latest)), std::vector<std::int64_t>{})
      << "it begins as a new one";
}

TEST_F(RemovedSinks, AreForgottenByThenOverARestart) {
  open({"lake", "board"});
  spool()->remove_cursor(cursors_[0]);
  spool().flush();
  config_.max_age = std::chrono::milliseconds(100);
  open({"board"});
  EXPECT_TRUE(spool().run_until([&] { return spool().log_has("spool.cursor_expired"); }));
}

TEST_F(RemovedSinks, AnOperatorForgetsThemAndNoOthers) {
  open({"lake", "board"});
  spool().append_and_commit(0, 100);
  (void)spool().drain(cursors_[1]);
  EXPECT_FALSE(spool()->forget_sink("lake")) << "it is in the configuration";
  EXPECT_FALSE(spool()->forget_sink("nobody"));
  spool()->remove_cursor(cursors_[0]);
  EXPECT_EQ(events(), 100U);
  EXPECT_TRUE(spool()->forget_sink("lake"));
  EXPECT_EQ(events(), 0U);
  spool().flush();
  EXPECT_EQ(stored_cursors(), std::vector<std::string>{"board"});
  spool().append_and_commit(100, 10);
  const CursorId again = spool()->open_cursor("lake", Start::latest);
  spool().append_and_commit(110, 10);
  EXPECT_EQ(spool().read_all(again), numbers(110, 10)) << "it is new";
}

TEST_F(RemovedSinks, ForgettingAndAddingInOneCommitLeavesTheNewPosition) {
  open({"lake", "board"});
  spool().append_and_commit(0, 10);
  spool()->remove_cursor(cursors_[0]);
  EXPECT_TRUE(spool()->forget_sink("lake"));
  (void)spool()->open_cursor("lake", Start::latest);
  spool().flush();
  open({"lake", "board"});
  EXPECT_EQ(spool().read_all(cursors_[0]), std::vector<std::int64_t>{});
}

TEST_F(RemovedSinks, TheirPlacesAreUsedAgain) {
  open({"board"});
  for (int round = 0; round < 100; ++round) {
    const CursorId cursor = spool()->open_cursor("sink" + std::to_string(round), Start::latest);
    EXPECT_EQ(cursor, 1U);
    spool()->remove_cursor(cursor);
    EXPECT_TRUE(spool()->forget_sink("sink" + std::to_string(round)));
  }
}

TEST_F(RemovedSinks, NeverMakeTheSpoolRejectWhatIsNew) {
  config_.max_size = config::ByteSize{2 * 1024 * 1024};
  config_.full = config::WhenFull::reject_newest;
  open({"lake", "board"});
  spool()->remove_cursor(cursors_[0]);
  for (std::uint64_t first = 0; first < 6000; first += 100) {
    spool().append_and_commit(first, 100, 4000);
    (void)spool().drain(cursors_[1]);
  }
  EXPECT_FALSE(spool().log_has("spool.full"));
  EXPECT_FALSE(spool().log_has("spool.gap")) << "no sink of the configuration misses any";
  const CursorId lake = spool()->open_cursor("lake", Start::latest);
  ASSERT_TRUE(spool().run_until([&] { return spool().dropped(lake, DropReason::spool_full) > 0; }));
  EXPECT_EQ(spool().read_all(lake).size() + spool().dropped(lake, DropReason::spool_full), 6000U)
      << "what it missed is counted once it is back";
}

TEST_F(RemovedSinks, WhatABoundTookIsCountedAndRecordedWhenOneComesBackWithARestart) {
  lose_events_of_removed_lake();
  open({"board", "lake"});
  expect_lost_and_held(cursors_[1], 6000);
  open({"board", "lake"});
  EXPECT_EQ(spool().dropped(cursors_[1], DropReason::spool_full), 0U) << "counted once";
}

TEST_F(RemovedSinks, WhatABoundTookIsCountedAndRecordedWhenOneComesBackAfterARestart) {
  lose_events_of_removed_lake();
  open({"board"});
  expect_lost_and_held(spool()->open_cursor("lake", Start::latest), 6000);
}

TEST_F(RemovedSinks, WhatABoundTookIsForgottenWithThem) {
  lose_events_of_removed_lake();
  EXPECT_TRUE(spool()->forget_sink("lake"));
  open({"board", "lake"});
  EXPECT_EQ(spool().dropped(cursors_[1], DropReason::spool_full), 0U);
  EXPECT_FALSE(spool().log_has("spool.gap"));
}

TEST_F(RemovedSinks, WhatABoundTookFromTheOneBeforeIsCountedWhenItBeginsAgain) {
  config_.max_size = config::ByteSize{2 * 1024 * 1024};
  open({"lake"});
  spool().append_and_commit(0, 100, 4000);
  (void)spool().read_events(cursors_[0], 100);
  for (std::uint64_t first = 100; first < 3000; first += 100) spool().append_and_commit(first, 100, 4000);
  const auto unread_dropped = spool().dropped(cursors_[0], DropReason::spool_full);
  EXPECT_EQ(spool()->lost_at_the_end(cursors_[0]), 100U);
  const CursorId again = spool()->open_cursor("lake", Start::latest);
  EXPECT_EQ(spool().dropped(again, DropReason::spool_full), unread_dropped + 100);
  EXPECT_EQ(spool()->lost_at_the_end(again), 0U);
  EXPECT_EQ(spool().read_all(again).size() + unread_dropped + 100, 3000U);
}

TEST(RemovedSinksInMemory, BeginAgainOrAreForgotten) {
  MemorySpool spool(1'000'000);
  const SpoolId id = spool.id();
  const CursorId lake = spool.open_cursor("lake", Start::latest);
  const CursorId board = spool.open_cursor("board", Start::latest);
  for (std::uint64_t number = 0; number < 10; ++number) {
    auto event = numbered_event(number, 100);
    ASSERT_FALSE(spool.append(event));
  }
  std::vector<EventPtr> events;
  spool.read(lake, 8, events);
  spool.acknowledge(lake, events[2]->sequence());
  EXPECT_EQ(spool.open_cursor("lake", Start::latest), lake);
  EXPECT_EQ(spool.replayed_up_to(lake), events[7]->sequence());
  spool.read(lake, 100, events);
  EXPECT_EQ(events.size(), 7U);
  spool.remove_cursor(board);
  spool.acknowledge(lake, events.back()->sequence());
  EXPECT_EQ(spool.stats().events, 0U) << "nothing is kept for one that is removed";
  EXPECT_EQ(spool.open_cursor("other", Start::latest), board) << "its place is used again";
  EXPECT_EQ(spool.id(), id);
}

}  // namespace
}  // namespace pbxbridge::spool
