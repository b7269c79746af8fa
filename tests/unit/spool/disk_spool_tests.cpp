#include "metrics/metrics.hpp"
#include "numbered_events.hpp"
#include "open_spool.hpp"
#include "pbxbridge/event.hpp"
#include "spool/disk_spool.hpp"
#include "store_writer.hpp"
#include "support/temporary_directory.hpp"
#include "support/wait.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <optional>
#include <string>
#include <unistd.h>
#include <vector>

namespace pbxbridge::spool {
namespace {

using testing::HasSubstr;

constexpr std::chrono::hours ten_years{24 * 3650};

class DiskSpoolTest : public testing::Test {
 protected:
  DiskSpoolTest() {
    config_.path = directory_ / "spool";
    config_.max_age = ten_years;  // numbered events are of a fixed time
  }
  void open() {
    close();
    spool_.emplace(config_);
  }
  void close() { spool_.reset(); }
  OpenSpool& spool() { return *spool_; }

  /// A cursor's position as it stands on the disk.
  Sequence stored_cursor(const std::string& sink) {
    const auto positions = open_store(config_.path, BatchStore::Access::read_only)->cursors();
    const auto found = positions.find(sink);
    return found == positions.end() ? Sequence{} : found->second;
  }

  const test::TemporaryDirectory directory_;
  config::SpoolConfig config_;
  std::optional<OpenSpool> spool_;
};

TEST_F(DiskSpoolTest, ReadsEachEventOnceForEachCursorAndAsItWent) {
  open();
  const CursorId lake = spool()->open_cursor("lake", Start::latest);
  const CursorId board = spool()->open_cursor("board", Start::latest);
  spool()->start();
  spool().append_and_commit(0, 300);
  EXPECT_EQ(spool().read_all(lake), numbers(0, 300));
  EXPECT_TRUE(spool().read_all(lake).empty());
  EXPECT_EQ(spool().read_all(board), numbers(0, 300));
  EXPECT_EQ(spool()->replayed_up_to(lake), Sequence{});
}

TEST_F(DiskSpoolTest, ReadsNothingWhereNothingIsWanted) {
  open();
  const CursorId lake = spool()->open_cursor("lake", Start::latest);
  spool()->open_cursor("board", Start::latest);
  spool()->start();
  spool().append_and_commit(0, 2);
  EXPECT_EQ(spool().read_events(lake, 1).size(), 1U);
  EXPECT_TRUE(spool().read_events(lake, 0).empty());
  spool().append_and_commit(2, 1);
  EXPECT_EQ(spool().read_all(lake), numbers(1, 2));
}

TEST_F(DiskSpoolTest, AnEventIsOnTheDiskBeforeItCanBeRead) {
  open();
  const CursorId cursor = spool()->open_cursor("lake", Start::latest);
  spool()->start();
  std::vector<EventPtr> events;
  for (std::uint64_t number = 0; number < 20; ++number) {
    spool().append(number, 1);
    ASSERT_TRUE(spool().run_until([&] {
      spool()->read(cursor, 10, events);
      return !events.empty();
    }));
    const auto store = open_store(config_.path, BatchStore::Access::read_only);
    EXPECT_EQ(store->last(), events.back()->sequence());
  }
}

TEST_F(DiskSpoolTest, WhatWasNotAcknowledgedIsDeliveredAgainAfterTheEndOfTheProcess) {
  open();
  CursorId cursor = spool()->open_cursor("lake", Start::latest);
  spool()->start();
  spool().append_and_commit(0, 100);
  EXPECT_EQ(spool().read_all(cursor), numbers(0, 100));
  const Sequence last = spool()->stats().last;
  open();
  cursor = spool()->open_cursor("lake", Start::latest);
  spool()->start();
  EXPECT_EQ(spool()->replayed_up_to(cursor), last);
  spool().append_and_commit(100, 10);
  EXPECT_EQ(spool().read_all(cursor), numbers(0, 110));
}

TEST_F(DiskSpoolTest, ACopyOfTheRunningSpoolHoldsAllThatCouldBeRead) {
  open();
  spool()->open_cursor("lake", Start::latest);
  spool()->start();
  spool().append_and_commit(0, 1000);
  copy_spool(config_.path, directory_ / "copy");
  config_.path = directory_ / "copy";
  OpenSpool copy(config_);
  const CursorId cursor = copy->open_cursor("lake", Start::latest);
  copy->start();
  EXPECT_EQ(copy.read_all(cursor), numbers(0, 1000));
}

TEST_F(DiskSpoolTest, AnIdIsTheSameWhenAnEventIsDeliveredAgain) {
  std::vector<std::string> ids;
  for (int life = 0; life < 2; ++life) {
    open();
    const CursorId cursor = spool()->open_cursor("lake", Start::latest);
    spool()->start();
    if (life == 0) spool().append_and_commit(0, 1);
    std::vector<EventPtr> events;
    ASSERT_TRUE(spool().run_until([&] {
      spool()->read(cursor, 10, events);
      return !events.empty();
    }));
    ids.push_back(events.front()->id());
  }
  EXPECT_EQ(ids[0], ids[1]);
}

TEST_F(DiskSpoolTest, ACursorIsStoredWithinAFewTenthsOfASecondWithoutAnyEvent) {
  open();
  const CursorId cursor = spool()->open_cursor("lake", Start::latest);
  spool()->start();
  spool().append_and_commit(0, 100);
  (void)spool().read_all(cursor);
  const Sequence middle{spool().last_read(cursor).value - 50};
  const auto begun = std::chrono::steady_clock::now();
  spool()->acknowledge(cursor, middle);
  ASSERT_TRUE(test::eventually([&] { return stored_cursor("lake") == middle; }));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(1));
}

TEST_F(DiskSpoolTest, OnlyWhatIsBehindTheCursorIsDeliveredAgain) {
  open();
  CursorId cursor = spool()->open_cursor("lake", Start::latest);
  spool()->start();
  spool().append_and_commit(0, 100);
  (void)spool().read_all(cursor);
  spool()->acknowledge(cursor, Sequence{spool().last_read(cursor).value - 30});
  spool()->acknowledge(cursor, Sequence{spool().last_read(cursor).value - 80});
  open();
  cursor = spool()->open_cursor("lake", Start::latest);
  spool()->start();
  EXPECT_EQ(spool().read_all(cursor), numbers(70, 30)) << "an older acknowledgement moves nothing back";
}

TEST_F(DiskSpoolTest, ANewSinkStartsAtTheEndOrAtTheOldest) {
  open();
  spool()->open_cursor("lake", Start::latest);
  spool()->start();
  spool().append_and_commit(0, 50);
  open();
  spool()->open_cursor("lake", Start::latest);
  const CursorId late = spool()->open_cursor("late", Start::latest);
  const CursorId early = spool()->open_cursor("early", Start::earliest);
  spool()->start();
  EXPECT_EQ(spool()->unread(late), 0U);
  EXPECT_EQ(spool()->unread(early), 50U);
  spool().append_and_commit(50, 5);
  EXPECT_EQ(spool().read_all(late), numbers(50, 5));
  EXPECT_EQ(spool().read_all(early), numbers(0, 55));
}

TEST_F(DiskSpoolTest, AKnownSinkGoesOnWhereItWasWhateverItsStart) {
  open();
  CursorId cursor = spool()->open_cursor("lake", Start::latest);
  spool()->start();
  spool().append_and_commit(0, 50);
  (void)spool().read_all(cursor);
  spool()->acknowledge(cursor, spool().last_read(cursor));
  spool().append_and_commit(50, 5);
  open();
  cursor = spool()->open_cursor("lake", Start::earliest);
  spool()->start();
  EXPECT_EQ(spool().read_all(cursor), numbers(50, 5));
}

TEST_F(DiskSpoolTest, KeepsAnEventUntilEveryCursorHasAcknowledgedIt) {
  open();
  const CursorId lake = spool()->open_cursor("lake", Start::latest);
  const CursorId board = spool()->open_cursor("board", Start::latest);
  spool()->start();
  spool().append_and_commit(0, 100);
  EXPECT_EQ(spool().drain(lake), 100U);
  EXPECT_EQ(spool()->stats().events, 100U);
  EXPECT_EQ(spool().read_all(board), numbers(0, 100));
  EXPECT_EQ(spool()->stats().events, 100U) << "read is not delivered";
  spool()->acknowledge(board, spool().last_read(board));
  EXPECT_EQ(spool()->stats().events, 0U);
  EXPECT_EQ(spool()->stats().bytes, 0U);
}

TEST_F(DiskSpoolTest, ASecondProcessIsToldWhoUsesTheSpool) {
  open();
  boost::asio::io_context io;
  observe::Log log(observe::LogFormat::text, [](const std::string&) {});
  metrics::Metrics metrics;
  const auto second = DiskSpool::open(io, config_, log, metrics.spool());
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().text, HasSubstr("in use by process " + std::to_string(getpid())));
}

TEST_F(DiskSpoolTest, AFullQueueRejectsAndSaysWhenThereIsRoomAgain) {
  config_.queue_size = config::ByteSize{64 * 1024};
  open();
  const CursorId cursor = spool()->open_cursor("lake", Start::latest);
  spool()->start();
  std::uint64_t taken = 0;
  std::optional<DropReason> rejected;
  while (!rejected && taken < 100'000) {
    EXPECT_TRUE(spool()->has_room() || taken > 0);
    auto event = numbered_event(taken, 8000);
    rejected = spool()->append(event);
    EXPECT_EQ(event == nullptr, !rejected) << "what is rejected stays with the caller";
    if (!rejected) ++taken;
  }
  EXPECT_EQ(rejected, DropReason::overload);
  spool()->ask_for_room();
  ASSERT_TRUE(spool().run_until([&] { return spool().had_room() && spool()->has_room(); }));
  spool().append_and_commit(taken, 10);
  EXPECT_EQ(spool().read_all(cursor), numbers(0, static_cast<std::int64_t>(taken) + 10));
  const auto gaps = open_store(config_.path, BatchStore::Access::read_only)->gaps();
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(gaps[0].second.reason, GapReason::overload);
  EXPECT_EQ(gaps[0].second.events, 1U);
}

TEST_F(DiskSpoolTest, AFullQueueTakesWhatOtherSourcesSendBeforeTheyArePaused) {
  constexpr std::uint64_t other_sources = 50;
  config_.queue_size = config::ByteSize{512 * 1024};
  open();
  spool()->start();
  std::uint64_t number = 0;
  // The spool's own writes make room meanwhile, so tries until the queue is full for a moment.
  for (int times = 0; times < 5; ++times) {
    while (spool()->has_room() && number < 1'000'000) {
      auto event = numbered_event(number++, 8000);
      ASSERT_EQ(spool()->append(event), std::nullopt);
    }
    for (std::uint64_t source = 0; source < other_sources; ++source) {
      auto event = numbered_event(number++, 1000);
      EXPECT_EQ(spool()->append(event), std::nullopt) << "the event of source " << source << " is lost";
    }
    ASSERT_TRUE(spool().run_until([&] { return spool()->has_room(); }));
  }
}

TEST_F(DiskSpoolTest, WhatWasRejectedLastIsRecordedWhenTheSpoolIsClosed) {
  config_.queue_size = config::ByteSize{64 * 1024};
  open();
  spool()->open_cursor("lake", Start::latest);
  spool()->start();
  std::uint64_t rejected = 0;
  for (std::uint64_t number = 0; rejected == 0 && number < 100'000; ++number) {
    auto event = numbered_event(number, 8000);
    if (spool()->append(event)) ++rejected;
  }
  close();
  const auto gaps = open_store(config_.path)->gaps();
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(gaps[0].second.events, rejected);
}

TEST_F(DiskSpoolTest, AGapOverTheEndOfAProcessIsRecordedWhenThePbxStreamsAgain) {
  const auto present = [] { return std::chrono::system_clock::now(); };
  open();
  spool()->start();
  const auto opened = present();
  spool()->note_subscribed("hq", SubscribedState::on, present());
  spool().flush();
  // Copy of what a kill at this moment leaves behind.
  copy_spool(config_.path, directory_ / "killed");
  EXPECT_TRUE(open_store(config_.path, BatchStore::Access::read_only)->gaps().empty());
  close();

  config_.path = directory_ / "killed";
  open();
  spool()->start();
  const auto again = present();
  spool()->note_subscribed("hq", SubscribedState::on, again);
  spool().flush();
  const auto store = open_store(config_.path, BatchStore::Access::read_only);
  ASSERT_EQ(store->gaps().size(), 1U);
  const Gap gap = store->gaps()[0].second;
  EXPECT_EQ(gap.reason, GapReason::not_running);
  EXPECT_EQ(gap.pbx, "hq");
  EXPECT_GE(gap.begin, opened);
  EXPECT_LE(gap.begin, again);
  EXPECT_EQ(gap.end, again);
  EXPECT_GE(store->streams().at("hq").up_to.wall, again) << "with the gap, so that it is not told twice";
}

TEST_F(DiskSpoolTest, UpToWhenAPbxStreamedIsStoredEachSecondWithoutAnyEvent) {
  open();
  spool()->start();
  const auto stored = [&] {
    const auto streams = open_store(config_.path, BatchStore::Access::read_only)->streams();
    return streams.empty() ? SystemTime{} : streams.at("hq").up_to.wall;
  };
  const auto begun = std::chrono::system_clock::now();
  spool()->note_subscribed("hq", SubscribedState::on, begun);
  ASSERT_TRUE(spool().run_until([&] { return stored() >= begun; }));
  const auto first = stored();
  ASSERT_TRUE(spool().run_until([&] { return stored() > first; }));
  EXPECT_GE(stored(), first + std::chrono::milliseconds(500)) << "not more often than it must be";
}

TEST_F(DiskSpoolTest, FlushAnswersOnceWhenAllIsCommitted) {
  open();
  const CursorId cursor = spool()->open_cursor("lake", Start::latest);
  spool()->start();
  // More than a commit takes, and faster than commits go.
  std::vector<NewEventPtr> made;
  for (std::uint64_t number = 0; number < 20'000; ++number) made.push_back(numbered_event(number, 50));
  for (auto& event : made) ASSERT_FALSE(spool()->append(event));
  spool()->acknowledge(cursor, Sequence::first_of(1));
  int answers = 0;
  spool()->flush(std::chrono::seconds(20), [&](bool flushed) {
    EXPECT_TRUE(flushed);
    EXPECT_EQ(spool()->stats().events, 20'000U) << "it answers too soon";
    ++answers;
  });
  ASSERT_TRUE(spool().run_until([&] { return answers > 0; }));
  const auto store = open_store(config_.path, BatchStore::Access::read_only);
  EXPECT_EQ(read_all(*store).events.size(), 20'000U);
  EXPECT_EQ(store->cursors().at("lake"), Sequence::first_of(1));
  spool().flush();
  EXPECT_EQ(answers, 1);
}

TEST_F(DiskSpoolTest, FlushOfNothingAnswersToo) {
  open();
  spool()->start();
  spool().flush();
}

TEST_F(DiskSpoolTest, WhatIsQueuedWhenTheSpoolIsClosedIsWritten) {
  open();
  spool()->open_cursor("lake", Start::latest);
  spool()->start();
  spool().append(0, 3000);
  close();
  EXPECT_EQ(numbers_of(read_all(*open_store(config_.path)).events), numbers(0, 3000));
}

TEST_F(DiskSpoolTest, EverySyncModeKeepsAllOverTheEndOfTheProcess) {
  for (const auto mode : {config::SyncMode::always, config::SyncMode::interval, config::SyncMode::none}) {
    config_.sync = mode;
    config_.path = directory_ / std::to_string(static_cast<int>(mode));
    open();
    spool()->open_cursor("lake", Start::latest);
    spool()->start();
    spool().append_and_commit(0, 500);
    copy_spool(config_.path, directory_ / ("copy" + std::to_string(static_cast<int>(mode))));
    config_.path = directory_ / ("copy" + std::to_string(static_cast<int>(mode)));
    OpenSpool copy(config_);
    const CursorId cursor = copy->open_cursor("lake", Start::latest);
    copy->start();
    EXPECT_EQ(copy.read_all(cursor), numbers(0, 500));
  }
}

}  // namespace
}  // namespace pbxbridge::spool
