// Bounds of a spool on disk when there is too much in it: a sink that lags, a size, an age, letters, a long backlog.

#include "numbered_events.hpp"
#include "open_spool.hpp"
#include "pbxbridge/event.hpp"
#include "spool/log/retention.hpp"
#include "store_writer.hpp"
#include "support/long_form.hpp"
#include "support/sanitizer.hpp"
#include "support/temporary_directory.hpp"
#include "support/wait.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <optional>
#include <string>
#include <unistd.h>
#include <vector>

namespace pbxbridge::spool {
namespace {

constexpr std::uint64_t mebibyte = 1024 * 1024;

constexpr std::chrono::hours ten_years{24 * 3650};

std::uint64_t resident_bytes() {
  std::uint64_t pages = 0;
  std::uint64_t resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

class DiskSpoolBoundsTest : public testing::Test {
 protected:
  DiskSpoolBoundsTest() {
    config_.path = directory_ / "spool";
    config_.max_age = ten_years;
    config_.sync = config::SyncMode::none;
  }
  OpenSpool& open(const std::vector<std::string>& sinks = {"lake", "board"}) {
    spool_.reset();
    spool_.emplace(config_);
    for (const auto& sink : sinks) (*spool_)->open_cursor(sink, Start::latest);
    (*spool_)->start();
    return *spool_;
  }
  std::vector<Gap> stored_gaps() {
    std::vector<Gap> gaps;
    for (const auto& [number, gap] : open_store(config_.path, BatchStore::Access::read_only)->gaps())
      gaps.push_back(gap);
    return gaps;
  }
  DeadLetter letter_of(const EventPtr& event) { return {.event = event, .topic = "calls", .reason = "rejected"}; }

  static constexpr CursorId lake = 0;
  static constexpr CursorId board = 1;
  const test::TemporaryDirectory directory_;
  config::SpoolConfig config_;
  std::optional<OpenSpool> spool_;
};

TEST_F(DiskSpoolBoundsTest, ALaggingSinkReadsFromTheDiskWithoutMemoryThatGrows) {
  auto& spool = open();
  const std::uint64_t count = test::is_long_form() ? 1'000'000 : 60'000;
  const std::uint64_t before = resident_bytes();
  std::uint64_t most = before;
  for (std::uint64_t first = 0; first < count; first += 5000) {
    spool.append_and_commit(first, 5000, 600);
    EXPECT_EQ(spool.drain(board), 5000U);
    most = std::max(most, resident_bytes());
  }
  EXPECT_EQ(spool->unread(lake), count);
  EXPECT_EQ(spool.drain(lake), count);
  most = std::max(most, resident_bytes());
  if (!test::is_sanitized) {
    EXPECT_LT(most - before, 64 * mebibyte);
  }
  EXPECT_EQ(spool->stats().events, 0U);
}

TEST_F(DiskSpoolBoundsTest, BothOfTwoSinksReadAllInOrderWhileTheWriterGoesOn) {
  auto& spool = open();
  std::int64_t read = 0;
  for (std::uint64_t first = 0; first < 30'000; first += 3000) {
    spool.append(first, 3000, 600);
    for (const auto number : spool.read_all(lake)) ASSERT_EQ(number, read++);
  }
  spool.flush();
  for (const auto number : spool.read_all(lake)) ASSERT_EQ(number, read++);
  EXPECT_EQ(spool.read_all(board), numbers(0, 30'000));
}

TEST_F(DiskSpoolBoundsTest, BoundsThatChangeHoldAtOnce) {
  auto& spool = open();
  spool.append_and_commit(0, 10'000, 1000);
  EXPECT_EQ(spool->stats().events, 10'000U);
  auto lower = config_;
  lower.max_size = config::ByteSize{4 * mebibyte};
  lower.sync = config::SyncMode::always;
  lower.path = "/nowhere";
  spool->use_settings(lower);
  EXPECT_LE(spool->stats().bytes, 4 * mebibyte);
  EXPECT_EQ(spool.read_all(lake).size() + spool.dropped(lake, DropReason::spool_full), 10'000U);
  lower.full = config::WhenFull::reject_newest;
  lower.max_size = config::ByteSize{mebibyte};
  spool->use_settings(lower);
  EXPECT_FALSE(spool->writable()) << "it holds more than that";
  spool->use_settings(config_);
  EXPECT_TRUE(spool->writable());
  spool.append_and_commit(10'000, 10);
  EXPECT_EQ(spool.read_all(lake), numbers(10'000, 10));
}

TEST_F(DiskSpoolBoundsTest, ASmallerQueueHoldsAtOnce) {
  auto& spool = open();
  auto smaller = config_;
  smaller.queue_size = config::ByteSize{64 * 1024};
  spool->use_settings(smaller);
  std::optional<DropReason> rejected;
  for (std::uint64_t number = 0; !rejected && number < 100'000; ++number) {
    auto event = numbered_event(number, 8000);
    rejected = spool->append(event);
  }
  EXPECT_EQ(rejected, DropReason::overload);
}

TEST_F(DiskSpoolBoundsTest, AFullSpoolDropsTheOldestOnceForEachSinkThatHasNotReadThem) {
  config_.max_size = config::ByteSize{4 * mebibyte};
  auto& spool = open();
  spool.append_and_commit(0, 3000, 1000);
  const auto read_by_board = static_cast<std::int64_t>(spool.read_all(board).size());
  EXPECT_EQ(read_by_board, 3000);
  spool.append_and_commit(3000, 7000, 1000);
  ASSERT_TRUE(spool.run_until([&] { return spool->stats().bytes <= 4 * mebibyte; }));
  const auto dropped_for_lake = static_cast<std::int64_t>(spool.dropped(lake, DropReason::spool_full));
  const auto dropped_for_board = static_cast<std::int64_t>(spool.dropped(board, DropReason::spool_full));
  EXPECT_GT(dropped_for_lake, 3000);
  EXPECT_EQ(dropped_for_board, dropped_for_lake - read_by_board) << "what it had read is not dropped for it";
  EXPECT_EQ(spool.read_all(lake), numbers(dropped_for_lake, 10'000 - dropped_for_lake));
  EXPECT_EQ(spool.read_all(board), numbers(dropped_for_lake, 10'000 - dropped_for_lake));
  spool.flush();
  std::uint64_t in_gaps = 0;
  for (const Gap& gap : stored_gaps()) {
    EXPECT_EQ(gap.reason, GapReason::spool_full);
    in_gaps += gap.events;
  }
  EXPECT_EQ(in_gaps, static_cast<std::uint64_t>(dropped_for_lake));
}

TEST_F(DiskSpoolBoundsTest, WhatWasDroppedIsGoneAfterReopeningToo) {
  config_.max_size = config::ByteSize{4 * mebibyte};
  auto* spool = &open();
  spool->append_and_commit(0, 10'000, 1000);
  ASSERT_TRUE(spool->run_until([&] { return (*spool)->stats().bytes <= 4 * mebibyte; }));
  const auto dropped = static_cast<std::int64_t>(spool->dropped(lake, DropReason::spool_full));
  spool = &open();
  EXPECT_EQ(spool->read_all(lake), numbers(dropped, 10'000 - dropped));
}

TEST_F(DiskSpoolBoundsTest, AFullSpoolThatRejectsKeepsTheOldest) {
  config_.max_size = config::ByteSize{2 * mebibyte};
  config_.full = config::WhenFull::reject_newest;
  auto& spool = open();
  std::uint64_t taken = 0;
  std::optional<DropReason> rejected;
  while (!rejected && taken < 50'000) {
    auto event = numbered_event(taken, 1000);
    rejected = spool->append(event);
    if (!rejected && ++taken % 100 == 0) spool.flush();
  }
  EXPECT_EQ(rejected, DropReason::spool_full);
  EXPECT_LT(taken, 4000U);
  spool.flush();
  EXPECT_EQ(spool.read_all(lake), numbers(0, static_cast<std::int64_t>(taken)));
  EXPECT_EQ(spool.dropped(lake, DropReason::spool_full), 0U);
  spool.acknowledge_all(lake);
  (void)spool.drain(board);
  EXPECT_EQ(spool->stats().bytes, 0U);
  spool.append_and_commit(taken, 10, 1000);
  const auto gaps = stored_gaps();
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(gaps[0].reason, GapReason::spool_full);
  EXPECT_EQ(gaps[0].events, 1U);
}

/// The stretch may last for hours, and the process may be killed in it.
TEST_F(DiskSpoolBoundsTest, WhatIsRejectedIsOnTheDiskBeforeTheStretchOfItIsOver) {
  config_.max_size = config::ByteSize{2 * mebibyte};
  config_.full = config::WhenFull::reject_newest;
  auto& spool = open();
  std::uint64_t rejected = 0;
  for (std::uint64_t number = 0; rejected < 5; ++number) {
    auto event = numbered_event(number, 1000);
    if (spool->append(event)) ++rejected;
    if (number % 100 == 0) spool.flush();
  }
  EXPECT_FALSE(spool->writable());
  ASSERT_TRUE(spool.run_until([&] { return !stored_gaps().empty(); }));
  auto event = numbered_event(99'999, 1000);
  ASSERT_TRUE(spool->append(event));
  ASSERT_TRUE(spool.run_until([&] { return stored_gaps().front().events == rejected + 1; }));
  for (CursorId cursor : {lake, board}) (void)spool.drain(cursor);
  spool.append_and_commit(100'000, 1, 1000);
  const auto gaps = stored_gaps();
  ASSERT_EQ(gaps.size(), 1U) << "it is the same stretch";
  EXPECT_EQ(gaps[0].reason, GapReason::spool_full);
  EXPECT_EQ(gaps[0].events, rejected + 1);
}

/// A machine that starts with its clock days ahead would else lose its backlog before the clock is set right.
TEST_F(DiskSpoolBoundsTest, NothingIsTooOldRightAfterTheStart) {
  const auto years = std::chrono::hours(24 * 365);
  config_.max_age = years;
  auto* spool = &open();
  spool->append_and_commit(0, 10);
  const SystemTime received = spool->read_events(lake, 1).front()->received_at();
  const auto store = BatchStore::open(config_.path, BatchStore::Access::read_only);
  ASSERT_TRUE(bool(store));
  const auto opened = Retention::Steady(std::chrono::hours(1));
  const SystemTime wrong = received + 2 * years;
  const Retention retention(config_, wrong, opened);
  EXPECT_FALSE(retention.too_old((*store)->segments(), wrong, opened + std::chrono::minutes(4)));
  EXPECT_TRUE(retention.too_old((*store)->segments(), wrong, opened + std::chrono::minutes(6)));
  const SystemTime right = received + std::chrono::minutes(6);
  EXPECT_FALSE(retention.too_old((*store)->segments(), right, opened + std::chrono::minutes(6)));
}

TEST_F(DiskSpoolBoundsTest, WhatIsTooOldIsDroppedAndSaid) {
  auto* spool = &open();
  spool->append_and_commit(0, 100);
  config_.max_age = config::Duration(1000);  // numbered events are of a fixed time, long ago
  spool = &open();
  ASSERT_TRUE(spool->run_until([&] { return (*spool)->stats().events == 0; }));
  EXPECT_EQ(spool->dropped(lake, DropReason::expired) + spool->dropped(board, DropReason::expired), 200U);
  spool->flush();
  const auto gaps = stored_gaps();
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(gaps[0].reason, GapReason::expired);
  EXPECT_EQ(gaps[0].events, 100U);
}

TEST_F(DiskSpoolBoundsTest, ALetterIsKeptRedrivenOnceAndForgotten) {
  auto* spool = &open();
  spool->append_and_commit(0, 10);
  const auto events = spool->read_events(lake, 10);
  ASSERT_EQ(events.size(), 10U);
  for (const int rejected : {2, 5})
    (*spool)->letters().bury("lake", letter_of(events[static_cast<std::size_t>(rejected)]));
  (*spool)->acknowledge(lake, events.back()->sequence());
  spool->flush();
  EXPECT_EQ((*spool)->letters().counts()["lake"].letters, 2U);
  EXPECT_TRUE(spool->take_redriven("lake").empty()) << "nobody has asked for it";

  spool = &open();
  EXPECT_EQ((*spool)->letters().counts()["lake"].letters, 2U);
  EXPECT_TRUE(spool->take_redriven("lake").empty());
  EXPECT_EQ(spool->redrive("lake"), 2U);
  EXPECT_TRUE(spool->take_redriven("board").empty());
  auto letters = spool->take_redriven("lake");
  ASSERT_EQ(letters.size(), 2U);
  EXPECT_EQ(number_of(*letters[0].event), 2);
  EXPECT_EQ(number_of(*letters[1].event), 5);
  EXPECT_TRUE(spool->take_redriven("lake").empty()) << "each is returned once";
  (*spool)->letters().forget("lake", letters[0]);
  spool->flush();

  spool = &open();
  letters = spool->take_redriven("lake");
  ASSERT_EQ(letters.size(), 1U) << "what was not delivered before the end is redriven again";
  EXPECT_EQ(number_of(*letters[0].event), 5);
  (*spool)->letters().bury("lake", letters[0]);
  spool->flush();

  spool = &open();
  EXPECT_TRUE(spool->take_redriven("lake").empty()) << "rejected once more, it waits for the operator";
  EXPECT_EQ((*spool)->letters().counts()["lake"].letters, 1U);
  EXPECT_EQ(spool->drop_letters("lake"), 1U);
  EXPECT_EQ((*spool)->letters().counts()["lake"].letters, 0U);
}

TEST_F(DiskSpoolBoundsTest, ALetterThatIsOutIsNotRedrivenASecondTime) {
  auto& spool = open();
  spool.append_and_commit(0, 10);
  const auto events = spool.read_events(lake, 10);
  for (const auto& event : events) spool->letters().bury("lake", letter_of(event));
  spool.flush();
  EXPECT_EQ(spool.redrive("lake"), 10U);
  const auto letters = spool.take_redriven("lake");
  ASSERT_EQ(letters.size(), 10U);
  spool.redrive("lake");
  EXPECT_TRUE(spool.take_redriven("lake").empty()) << "all are on their way already";

  // Delivered, but not off the disk yet when it is asked for again.
  spool->letters().forget("lake", letters[3]);
  spool.redrive("lake");
  EXPECT_TRUE(spool.take_redriven("lake").empty());
  spool.flush();
  EXPECT_EQ(spool->letters().counts()["lake"].letters, 9U);

  spool->letters().bury("lake", letters[7]);
  spool.flush();
  EXPECT_EQ(spool.redrive("lake"), 9U);
  const auto again = spool.take_redriven("lake");
  ASSERT_EQ(again.size(), 1U) << "what was rejected once more can be redriven once more";
  EXPECT_EQ(number_of(*again[0].event), 7);
}

TEST_F(DiskSpoolBoundsTest, RedrivenLettersComeByTheirBytesToo) {
  auto& spool = open();
  spool.append_and_commit(0, 20, 100'000);
  const auto events = spool.read_events(lake, 20);
  for (const auto& event : events) spool->letters().bury("lake", letter_of(event));
  spool.flush();
  EXPECT_EQ(spool.redrive("lake"), 20U);
  std::vector<std::int64_t> redriven;
  for (auto letters = spool.take_redriven("lake"); !letters.empty(); letters = spool.take_redriven("lake")) {
    EXPECT_LE(letters.size(), 11U);
    for (const auto& letter : letters) redriven.push_back(number_of(*letter.event));
  }
  EXPECT_EQ(redriven, numbers(0, 20));
  EXPECT_EQ(spool.redrive("lake"), 20U);
  EXPECT_TRUE(spool.take_redriven("lake").empty());
}

TEST_F(DiskSpoolBoundsTest, MoreLettersThanOneBatchAreAllRedriven) {
  auto& spool = open();
  spool.append_and_commit(0, 300);
  const auto events = spool.read_events(lake, 300);
  ASSERT_EQ(events.size(), 300U);
  for (const auto& event : events) spool->letters().bury("lake", letter_of(event));
  spool.flush();
  EXPECT_EQ(spool.redrive("lake"), 300U);
  std::vector<std::int64_t> redriven;
  for (auto letters = spool.take_redriven("lake"); !letters.empty(); letters = spool.take_redriven("lake"))
    for (const auto& letter : letters) redriven.push_back(number_of(*letter.event));
  EXPECT_EQ(redriven, numbers(0, 300));
}

TEST_F(DiskSpoolBoundsTest, LettersBeyondTheirBoundAreDroppedOldestFirstAndCounted) {
  config_.dead_letters_max_size = config::ByteSize{20'000};
  auto& spool = open();
  spool.append_and_commit(0, 50, 1000);
  const auto events = spool.read_events(lake, 50);
  for (const auto& event : events) spool->letters().bury("lake", letter_of(event));
  ASSERT_TRUE(spool.run_until([&] { return spool.dropped(lake, DropReason::dead_letters_full) > 0; }));
  spool.flush();
  const auto count = spool->letters().counts()["lake"];
  EXPECT_LE(count.bytes, 20'000U);
  EXPECT_EQ(count.letters + spool.dropped(lake, DropReason::dead_letters_full), 50U);
  const auto left = open_store(config_.path, BatchStore::Access::read_only)->letters().list("lake", "", 100);
  ASSERT_FALSE(left.empty());
  EXPECT_EQ(number_of(*left.back().event), 49);
}

TEST_F(DiskSpoolBoundsTest, ALongBacklogOpensInLittleTime) {
  const std::uint64_t megabytes = test::is_long_form() ? 1000 : 100;
  {
    auto& spool = open();
    for (std::uint64_t done = 0; done < megabytes; ++done) spool.append(done * 250, 250, 4000);
    spool.flush();
  }
  spool_.reset();
  const auto begun = std::chrono::steady_clock::now();
  auto& spool = open();
  const auto took = std::chrono::steady_clock::now() - begun;
  EXPECT_EQ(spool->unread(lake), megabytes * 250);
  EXPECT_LT(took, std::chrono::seconds(2));
}

}  // namespace
}  // namespace pbxbridge::spool
