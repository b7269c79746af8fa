// Losses of a spool on disk, by its bounds or by damage: counted once for each sink, in this process or at the next
// start of one.

#include "batch_bytes.hpp"
#include "numbered_events.hpp"
#include "open_spool.hpp"
#include "pbxbridge/event.hpp"
#include "spool/log/packed_batch.hpp"
#include "spool/log/record.hpp"
#include "spool/store/rocksdb/store_database.hpp"
#include "store_writer.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>
#include <rocksdb/metadata.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace pbxbridge::spool {
namespace {

constexpr std::uint64_t mebibyte = 1024 * 1024;
constexpr std::chrono::hours ten_years{24 * 3650};

class LostEventsTest : public testing::Test {
 protected:
  LostEventsTest() {
    config_.path = directory_ / "spool";
    config_.max_age = ten_years;  // numbered events are of a fixed time
    config_.sync = config::SyncMode::none;
  }
  OpenSpool& open() {
    spool_.reset();
    spool_.emplace(config_);
    for (const char* sink : {"lake", "board"}) (*spool_)->open_cursor(sink, Start::earliest);
    (*spool_)->start();
    return *spool_;
  }
  /// Opens what kill -9 would leave.
  OpenSpool& open_a_copy() {
    spool_->flush();
    const auto copy = directory_ / "copy";
    copy_spool(config_.path, copy);
    config_.path = copy;
    return open();
  }
  /// Appends until so many bytes are held, and that is on the disk.
  void wait_for_the_bound() {
    ASSERT_TRUE(spool_->run_until([&] { return (*spool_)->stats().bytes <= config_.max_bytes(); }));
    spool_->flush();
  }
  std::vector<Gap> stored_gaps(GapReason reason) {
    spool_->flush();
    std::vector<Gap> gaps;
    for (const auto& [number, gap] : open_store(config_.path, BatchStore::Access::read_only)->gaps())
      if (gap.reason == reason) gaps.push_back(gap);
    return gaps;
  }
  std::uint64_t events_in_gaps(GapReason reason) {
    std::uint64_t events = 0;
    for (const Gap& gap : stored_gaps(reason)) events += gap.events;
    return events;
  }
  std::uint64_t full(CursorId cursor) { return spool_->dropped(cursor, DropReason::spool_full); }
  std::uint64_t corrupted(CursorId cursor) { return spool_->dropped(cursor, DropReason::corrupted); }

  /// Breaks records of the batch that begins there, the checksums of the store's own files being right.
  void break_records(Sequence batch, const std::vector<int>& records) {
    auto database = open_database(config_.path);
    ASSERT_TRUE(database);
    std::string value;
    ASSERT_TRUE(database->rocksdb->Get(rocksdb::ReadOptions(), database->batches(), encode_key(batch), &value).ok());
    std::string buffer;
    value = unpack_batch(value, buffer);
    for (const int record : records) break_record(value, record);
    ASSERT_TRUE(database->rocksdb->Put(rocksdb::WriteOptions(), database->batches(), encode_key(batch), value).ok());
  }

  static constexpr CursorId lake = 0;
  static constexpr CursorId board = 1;
  const test::TemporaryDirectory directory_;
  config::SpoolConfig config_;
  std::optional<OpenSpool> spool_;
};

TEST_F(LostEventsTest, WhatASinkHadReadAndNotAcknowledgedIsCountedAtTheNextStart) {
  config_.max_size = config::ByteSize{4 * mebibyte};
  auto* spool = &open();
  spool->append_and_commit(0, 3000, 1000);
  const auto read = spool->read_events(lake, 2000);
  (*spool)->acknowledge(lake, read[499]->sequence());
  EXPECT_EQ(spool->drain(board), 3000U);
  spool->append_and_commit(3000, 7000, 1000);
  wait_for_the_bound();
  const auto cut = 2000 + full(lake);
  const auto told_for_board = full(board);
  ASSERT_GT(cut, 3000U);
  EXPECT_EQ(events_in_gaps(GapReason::spool_full), cut - 2000);
  EXPECT_EQ((*spool)->lost_at_the_end(lake), 1500U);
  EXPECT_EQ((*spool)->lost_at_the_end(board), 0U);

  spool = &open_a_copy();
  EXPECT_EQ(full(lake), 1500U) << "read, not acknowledged, and gone with the process";
  EXPECT_EQ(full(board), 0U) << told_for_board << " were told already, and it had nothing else";
  EXPECT_EQ(events_in_gaps(GapReason::spool_full), cut - 500);
  EXPECT_EQ(stored_gaps(GapReason::spool_full).back().after, read[499]->sequence());
  EXPECT_EQ(stored_gaps(GapReason::spool_full).back().before, read[1999]->sequence().next());
  EXPECT_EQ(spool->read_all(lake), numbers(static_cast<std::int64_t>(cut), 10'000 - static_cast<std::int64_t>(cut)));

  spool = &open();
  EXPECT_EQ(full(lake), 0U) << "it was told once";
  EXPECT_EQ(events_in_gaps(GapReason::spool_full), cut - 500);
}

TEST_F(LostEventsTest, ACutWithinWhatWasReadIsCountedAtTheNextStartToo) {
  config_.max_size = config::ByteSize{4 * mebibyte};
  auto* spool = &open();
  spool->append_and_commit(0, 3000, 1000);
  (void)spool->read_events(lake, 3000);
  EXPECT_EQ(spool->drain(board), 3000U);
  spool->append_and_commit(3000, 2500, 1000);
  wait_for_the_bound();
  EXPECT_EQ(full(lake), 0U) << "it may still deliver it";
  EXPECT_TRUE(stored_gaps(GapReason::spool_full).empty());
  const auto cut = 5500 - (*spool)->stats().events;
  ASSERT_GT(cut, 500U);
  ASSERT_LT(cut, 3000U);
  spool = &open();
  EXPECT_EQ(full(lake), cut);
  EXPECT_EQ(events_in_gaps(GapReason::spool_full), cut);
  EXPECT_EQ(spool->read_all(lake), numbers(static_cast<std::int64_t>(cut), 5500 - static_cast<std::int64_t>(cut)));
}

TEST_F(LostEventsTest, WhatIsAcknowledgedBeforeTheEndIsNotLost) {
  config_.max_size = config::ByteSize{4 * mebibyte};
  auto* spool = &open();
  spool->append_and_commit(0, 3000, 1000);
  const auto read = spool->read_events(lake, 2000);
  EXPECT_EQ(spool->drain(board), 3000U);
  spool->append_and_commit(3000, 7000, 1000);
  wait_for_the_bound();
  const auto told = full(lake);
  EXPECT_EQ((*spool)->lost_at_the_end(lake), 2000U);
  (*spool)->acknowledge(lake, read.back()->sequence());
  EXPECT_EQ((*spool)->lost_at_the_end(lake), 0U);
  spool = &open();
  EXPECT_EQ(full(lake), 0U);
  EXPECT_EQ(events_in_gaps(GapReason::spool_full), told);
}

TEST_F(LostEventsTest, WhatExpiredAfterItWasReadIsCountedForItsReason) {
  config_.max_age = std::chrono::minutes(1);
  auto* spool = &open();
  // Events of a fixed time, long ago: read before the spool looks at their age.
  spool->append(0, 100);
  std::vector<EventPtr> events;
  ASSERT_TRUE(spool->run_until([&] {
    std::vector<EventPtr> some;
    (*spool)->read(lake, 100, some);
    events.insert(events.end(), some.begin(), some.end());
    return (*spool)->stats().last.value != 0 && (*spool)->stats().events == 0;
  }));
  spool->flush();
  const auto told = spool->dropped(lake, DropReason::expired);
  spool = &open();
  EXPECT_EQ(told + spool->dropped(lake, DropReason::expired), 100U);
}

TEST_F(LostEventsTest, DamageThatIsFoundWhileOpeningIsCountedForEachSinkThatIsBehindIt) {
  Sequence batch;
  {
    StoreWriter writer(config_.path);
    writer.append(0, 50);
    batch = writer.next();
    writer.append(50, 100);
  }
  break_records(batch, {3, 4, 9});
  auto* spool = &open();
  EXPECT_EQ(corrupted(lake), 3U);
  EXPECT_EQ(corrupted(board), 3U);
  EXPECT_EQ(spool->read_all(lake).size(), 147U);
  EXPECT_EQ(corrupted(lake), 3U) << "it was counted before it was read";
  EXPECT_EQ(events_in_gaps(GapReason::corrupted), 3U);
  (*spool)->acknowledge(lake, spool->last_read(lake));
  spool = &open();
  EXPECT_EQ(spool->read_all(board).size(), 147U);
  EXPECT_EQ(corrupted(lake) + corrupted(board), 0U) << "it was told once";
}

TEST_F(LostEventsTest, DamageBehindWhichASinkIsAlreadyIsNotItsLoss) {
  Sequence batch;
  {
    StoreWriter writer(config_.path);
    writer.append(0, 50);
    batch = writer.next();
    auto commit = writer.commit_of(50, 50);
    commit.cursors = {{"lake", Sequence{batch.value + 6}}, {"board", batch}};
    writer.write(std::move(commit));
  }
  break_records(batch, {3, 4, 9});
  open();
  EXPECT_EQ(corrupted(lake), 1U);
  EXPECT_EQ(corrupted(board), 3U);
}

TEST_F(LostEventsTest, AHoleThatAMendedStoreHasIsCountedWithinOneStart) {
  constexpr std::uint64_t count = 6000;
  {
    StoreWriter writer(config_.path);
    writer.append(0, count, 50, 3000);
  }
  std::vector<rocksdb::LiveFileMetaData> tables;
  {
    auto database = open_database(config_.path);
    ASSERT_TRUE(database);
    database->rocksdb->GetLiveFilesMetaData(&tables);
  }
  std::erase_if(tables, [](const auto& table) { return table.column_family_name != "default"; });
  std::ranges::sort(tables, {}, [](const auto& table) { return table.smallestkey; });
  ASSERT_GE(tables.size(), 3U);
  ASSERT_TRUE(std::filesystem::remove(config_.path / "store" / tables[1].relative_filename));
  auto& spool = open();
  const auto read = spool.read_all(lake);
  EXPECT_GT(corrupted(lake), 0U);
  EXPECT_EQ(read.size() + corrupted(lake), count);
  EXPECT_EQ(corrupted(board), corrupted(lake));
  EXPECT_EQ(events_in_gaps(GapReason::corrupted), corrupted(lake));
}

/// Damage that the opening does not look at: in a segment that was closed, at its very end.
class DamagedTailTest : public LostEventsTest {
 protected:
  static constexpr std::int64_t readable = 45;
  static constexpr std::uint64_t broken = 5;

  void SetUp() override {
    Sequence first;
    {
      StoreWriter writer(config_.path);
      first = writer.next();
      auto events = writer.commit_of(0, 50);
      const auto at = events.events.front()->received_at();
      writer.write(std::move(events));
      Commit commit;
      commit.closed_segments = {{first, Sequence{first.value + 49}, 10'000, at, at}};
      ASSERT_TRUE(writer->write(commit, true));
    }
    break_records(first, {45, 46, 47, 48, 49});
  }
};

TEST_F(DamagedTailTest, IsCountedOnceHoweverOftenItIsMet) {
  auto& spool = open();
  EXPECT_EQ(spool.read_all(lake), numbers(0, readable));
  EXPECT_EQ(corrupted(lake), broken);
  EXPECT_EQ(spool.read_all(board), numbers(0, readable));
  EXPECT_EQ(corrupted(board), broken);
  EXPECT_EQ(corrupted(lake), broken);
  EXPECT_EQ(events_in_gaps(GapReason::corrupted), broken);
}

TEST_F(DamagedTailTest, WhatIsCommittedBehindItIsReadAndNotCounted) {
  auto& spool = open();
  std::vector<EventPtr> events;
  // The read meets it while the commit is under way.
  spool->read(lake, 1000, events);
  ASSERT_TRUE(events.empty());
  spool.append(1000, 20);
  ASSERT_TRUE(spool.run_until([&] { return spool->stats().events == 70; }));
  auto expected = numbers(0, readable);
  for (const auto number : numbers(1000, 20)) expected.push_back(number);
  EXPECT_EQ(spool.read_all(lake), expected);
  EXPECT_EQ(corrupted(lake), broken);
  EXPECT_EQ(spool.read_all(board), expected);
  EXPECT_EQ(corrupted(board), broken);
}

TEST_F(DamagedTailTest, IsNotCountedAgainWhereItIsGivenUp) {
  auto* spool = &open();
  EXPECT_EQ(spool->read_all(board), numbers(0, readable));
  EXPECT_EQ(corrupted(lake), broken) << "it is after it as well";
  config_.max_size = config::ByteSize{1};
  spool = &open();
  ASSERT_TRUE(spool->run_until([&] { return full(lake) > 0; }));
  EXPECT_EQ(full(lake), static_cast<std::uint64_t>(readable));
  EXPECT_EQ(corrupted(lake), 0U);
}

}  // namespace
}  // namespace pbxbridge::spool
