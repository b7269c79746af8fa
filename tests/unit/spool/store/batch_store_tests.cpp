#include "numbered_events.hpp"
#include "pbxbridge/event.hpp"
#include "spool/log/record.hpp"
#include "spool/store/batch_store.hpp"
#include "spool/store/damage.hpp"
#include "spool/store/rocksdb/store_database.hpp"
#include "store_writer.hpp"
#include "support/temporary_directory.hpp"
#include "support/wait.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace pbxbridge::spool {
namespace {

using testing::HasSubstr;

class BatchStoreTest : public testing::Test {
 protected:
  const std::filesystem::path& path() const { return directory_.path(); }
  /// Writes past the store's own code.
  void put_meta(const std::string& key, const std::string& value) {
    auto database = open_database(path());
    ASSERT_TRUE(database);
    ASSERT_TRUE(database->rocksdb->Put(rocksdb::WriteOptions(), database->meta(), key, value).ok());
  }
  std::string meta(const std::string& key) {
    auto database = open_database_read_only(path());
    std::string value;
    if (database) (void)database->rocksdb->Get(rocksdb::ReadOptions(), database->meta(), key, &value);
    return value;
  }

  const test::TemporaryDirectory directory_;
};

TEST_F(BatchStoreTest, ANewStoreIsEmptyAndSound) {
  const auto store = open_store(path());
  EXPECT_NE(store->id(), SpoolId{});
  EXPECT_EQ(store->start_epoch(), 1U);
  EXPECT_EQ(store->last(), Sequence{});
  EXPECT_TRUE(store->cursors().empty());
  EXPECT_TRUE(store->segments().empty());
  EXPECT_TRUE(store->damages().empty());
  EXPECT_TRUE(store->gaps().empty());
  EXPECT_TRUE(store->letters().counts().empty());
  const auto chunk = store->read({}, 1000);
  ASSERT_TRUE(chunk);
  EXPECT_TRUE(chunk->at_end);
  EXPECT_TRUE(chunk->events.empty());
}

TEST_F(BatchStoreTest, EventsComeBackAsTheyWentAndAgainAfterReopening) {
  SpoolId id;
  {
    StoreWriter writer(path());
    id = writer->id();
    writer.append(0, 500);
    EXPECT_EQ(numbers_of(read_all(writer.store()).events), numbers(0, 500));
  }
  const auto store = open_store(path());
  EXPECT_EQ(store->id(), id);
  const auto all = read_all(*store);
  EXPECT_EQ(numbers_of(all.events), numbers(0, 500));
  EXPECT_TRUE(all.damages.empty());
  EXPECT_TRUE(store->damages().empty());
  EXPECT_EQ(all.events[0]->sequence(), Sequence::first_of(1));
  EXPECT_EQ(all.events[0]->id(), id.text() + "-0000010000000001");
  EXPECT_EQ(store->last(), all.events.back()->sequence());
}

TEST_F(BatchStoreTest, ReadsFromAnyPositionWithinABatchToo) {
  StoreWriter writer(path());
  writer.append(0, 40, 10);
  for (std::uint64_t skipped = 0; skipped <= 40; ++skipped) {
    const Sequence position{Sequence::first_of(1).value - 1 + skipped};
    const auto all = read_all(writer.store(), position, 1);
    EXPECT_EQ(numbers_of(all.events), numbers(static_cast<std::int64_t>(skipped), 40 - static_cast<int>(skipped)));
    EXPECT_TRUE(all.damages.empty()) << skipped;
  }
}

TEST_F(BatchStoreTest, AChunkIsWholeBatchesUntilTheBytesAreReached) {
  StoreWriter writer(path());
  writer.append(0, 30, 10, 1000);
  const auto one = writer->read({}, 1);
  ASSERT_TRUE(one);
  EXPECT_EQ(one->events.size(), 10U);
  EXPECT_FALSE(one->at_end);
  const auto two = writer->read({}, 12'000);
  ASSERT_TRUE(two);
  EXPECT_EQ(two->events.size(), 20U);
}

TEST_F(BatchStoreTest, AStartEpochIsNeverGivenAgain) {
  std::set<std::uint32_t> epochs;
  for (int opening = 0; opening < 6; ++opening) {
    StoreWriter writer(path());
    EXPECT_TRUE(epochs.insert(writer->start_epoch()).second);
    EXPECT_EQ(writer->start_epoch(), *epochs.rbegin()) << "later is higher";
    if (opening % 2 == 0) writer.append(static_cast<std::uint64_t>(opening), 1);
  }
  EXPECT_EQ(numbers_of(read_all(*open_store(path())).events), (std::vector<std::int64_t>{0, 2, 4}));
}

TEST_F(BatchStoreTest, CursorsStandWhereTheyWereLastWritten) {
  {
    StoreWriter writer(path());
    auto commit = writer.commit_of(0, 3);
    commit.cursors = {{"lake", Sequence{7}}, {"a/b \"c\"", Sequence{0}}};
    writer.write(std::move(commit));
    Commit later;
    later.cursors = {{"lake", Sequence{9}}};
    writer.write(std::move(later), false);
  }
  EXPECT_EQ(open_store(path())->cursors(), (CursorPositions{{"lake", Sequence{9}}, {"a/b \"c\"", Sequence{0}}}));
}

TEST_F(BatchStoreTest, SegmentsAreCountedTheSameAfterEachReopening) {
  std::uint64_t bytes = 0;
  std::uint64_t events = 0;
  for (int life = 0; life < 4; ++life) {
    StoreWriter writer(path());
    EXPECT_EQ(writer->segments().bytes(), bytes) << "life " << life;
    EXPECT_EQ(writer->segments().events(), events) << "life " << life;
    writer.append(events, 60, 20, 40'000);
    bytes = writer.segments().bytes();
    events = writer.segments().events();
  }
  EXPECT_EQ(events, 240U);
  EXPECT_EQ(open_store(path())->segments().first(), Sequence::first_of(1));
}

/// A life that ends before it has written that a segment is closed must not make a later life forget the segment.
TEST_F(BatchStoreTest, SegmentsThatAShortLifeLeftBehindAreNotForgotten) {
  {
    StoreWriter writer(path());
    writer.append(0, 10);
  }
  for (std::uint64_t life = 1; life <= 3; ++life) {
    // Each adds one batch: the segment that this closes would be written with the next, which does not come.
    StoreWriter writer(path());
    writer.append(10 * life, 10, 10);
  }
  {
    StoreWriter writer(path());
    writer.append(40, 10, 10);
    writer.append(50, 10, 10);
  }
  const auto store = open_store(path());
  EXPECT_EQ(read_all(*store).events.size(), 60U);
  EXPECT_EQ(store->segments().events(), 60U);
  EXPECT_EQ(store->segments().first(), Sequence::first_of(1));
}

TEST_F(BatchStoreTest, GapsComeBackByNumberAndAKnownNumberReplaces) {
  {
    StoreWriter writer(path());
    Commit commit;
    commit.gaps = {{0, Gap{.pbx = "first"}}, {1, Gap{.pbx = "second"}}};
    writer.write(std::move(commit));
    Commit longer;
    longer.gaps = {{1, Gap{.pbx = "second", .events = 5}}};
    writer.write(std::move(longer));
  }
  const auto gaps = open_store(path())->gaps();
  ASSERT_EQ(gaps.size(), 2U);
  EXPECT_EQ(gaps[0].first, 0U);
  EXPECT_EQ(gaps[0].second.pbx, "first");
  EXPECT_EQ(gaps[1].second.events, 5U);
}

TEST(CommitTest, AGapThatGrowsWhileItWaitsIsThereOnce) {
  Commit commit;
  for (std::uint64_t events = 1; events <= 5; ++events) {
    commit.put_gap(7, Gap{.pbx = "hq", .events = events});
    commit.put_gap(8, Gap{.pbx = "branch"});
  }
  ASSERT_EQ(commit.gaps.size(), 2U);
  EXPECT_EQ(commit.gaps[0].first, 7U);
  EXPECT_EQ(commit.gaps[0].second.events, 5U);
  EXPECT_EQ(commit.gaps[1].second.pbx, "branch");
}

TEST_F(BatchStoreTest, OldGapsMakeRoomForNewOnes) {
  StoreWriter writer(path());
  for (std::uint64_t block = 0; block < 12; ++block) {
    Commit commit;
    for (std::uint64_t i = 0; i < 1000; ++i) commit.gaps.emplace_back(block * 1000 + i, Gap{});
    writer.write(std::move(commit), false);
  }
  const auto gaps = writer->gaps();
  EXPECT_EQ(gaps.size(), 10'000U);
  EXPECT_EQ(gaps.back().first, 11'999U);
}

TEST_F(BatchStoreTest, ReadingBesideAWriterSeesWhatWasThereAndChangesNothing) {
  StoreWriter writer(path());
  writer.append(0, 100);
  const auto reader = open_store(path(), BatchStore::Access::read_only);
  EXPECT_EQ(numbers_of(read_all(*reader).events), numbers(0, 100));
  EXPECT_EQ(reader->id(), writer->id());
  writer.append(100, 100);
  EXPECT_EQ(numbers_of(read_all(*reader).events), numbers(0, 100)) << "it sees what was there when it was opened";
  EXPECT_FALSE(reader->write(writer.commit_of(1, 1), true)) << "it does not write";
  EXPECT_EQ(numbers_of(read_all(*open_store(path(), BatchStore::Access::read_only)).events), numbers(0, 200));
  EXPECT_FALSE(std::filesystem::exists(path() / "quarantine"));
}

TEST_F(BatchStoreTest, ReadingBesideAWriterWorksAtAnyMoment) {
  StoreWriter writer(path());
  for (std::uint64_t round = 0; round < 24; ++round) {
    writer.append(round * 60, 60, 20, 10'000);
    if (round % 10 == 9) writer.remove_up_to(Sequence{writer.next().value - 100});
    const auto reader = BatchStore::open(path(), BatchStore::Access::read_only);
    ASSERT_TRUE(reader) << reader.error().text;
    EXPECT_EQ(read_all(**reader).events.back()->sequence().value + 1, writer.next().value);
  }
}

TEST_F(BatchStoreTest, ReadingOnlyMakesNoStore) {
  const auto store = BatchStore::open(path() / "none", BatchStore::Access::read_only);
  ASSERT_FALSE(store);
  EXPECT_THAT(store.error().text, HasSubstr((path() / "none").string()));
  EXPECT_FALSE(std::filesystem::exists(path() / "none"));
}

TEST_F(BatchStoreTest, ANewerFormatIsRejectedInAClearSentenceAndLeftAlone) {
  { StoreWriter(path()).append(0, 10); }
  put_meta("format", encode_key(Sequence{3}));
  const std::string epoch = meta("start_epoch");
  for (const auto access : {BatchStore::Access::write, BatchStore::Access::read_only}) {
    const auto store = BatchStore::open(path(), access);
    ASSERT_FALSE(store);
    EXPECT_THAT(store.error().text, HasSubstr("was written by a newer pbxbridge in format 3, and this is pbxbridge "));
  }
  EXPECT_EQ(meta("start_epoch"), epoch);
  EXPECT_FALSE(std::filesystem::exists(path() / "quarantine"));
  put_meta("format", encode_key(Sequence{1}));
  EXPECT_EQ(numbers_of(read_all(*open_store(path())).events), numbers(0, 10));
}

TEST_F(BatchStoreTest, AFamilyThatOnlyANewerFormatHasIsNoDamage) {
  { StoreWriter(path()).append(0, 10); }
  {
    auto database = open_database(path());
    ASSERT_TRUE(database);
    rocksdb::ColumnFamilyHandle* family = nullptr;
    ASSERT_TRUE(database->rocksdb->CreateColumnFamily({}, "index_of_tomorrow", &family).ok());
    database->families.push_back(family);
  }
  const auto store = BatchStore::open(path(), BatchStore::Access::write);
  ASSERT_FALSE(store);
  EXPECT_THAT(store.error().text, HasSubstr("newer pbxbridge"));
  EXPECT_FALSE(std::filesystem::exists(path() / "quarantine"));
}

TEST_F(BatchStoreTest, WhatIsRemovedIsNotReadAgainAndItsFilesGo) {
  std::uint64_t full = 0;
  {
    StoreWriter writer(path());
    writer.append(0, 40'000, 500, 1000);  // 40 MB
    full = directory_bytes(path());
    ASSERT_GT(full, 32U << 20);
    // Data in memory or on its way to a table cannot go yet.
    ASSERT_TRUE(test::eventually([&] { return directory_bytes(path(), ".sst") > 24U << 20; }));
    writer.remove_up_to(Sequence{writer.next().value - 2001});
    EXPECT_TRUE(test::eventually([&] { return directory_bytes(path()) < full / 2; }));
    const auto all = read_all(writer.store());
    ASSERT_FALSE(all.events.empty());
    EXPECT_GT(number_of(*all.events.front()), 35'000);
    EXPECT_EQ(number_of(*all.events.back()), 39'999);
    EXPECT_TRUE(all.damages.empty());
    EXPECT_EQ(all.events.size(), writer.segments().events());
  }
  const auto store = open_store(path());
  const auto all = read_all(*store);
  EXPECT_EQ(all.events.size(), store->segments().events());
  EXPECT_EQ(all.events.front()->sequence(), store->segments().first());
  EXPECT_TRUE(store->damages().empty());
}

TEST_F(BatchStoreTest, WhenAllIsRemovedTheNewestIsStillKnown) {
  Sequence last;
  {
    StoreWriter writer(path());
    writer.append(0, 100);
    last = writer.segments().last();
    writer.remove_up_to(last);
  }
  const auto store = open_store(path());
  EXPECT_EQ(store->last(), last);
  EXPECT_TRUE(store->segments().empty());
  EXPECT_TRUE(read_all(*store).events.empty());
}

TEST_F(BatchStoreTest, AReadOnlyStoreThatIsEmptiedUnderItsReaderDoesNoHarm) {
  StoreWriter writer(path());
  writer.append(0, 40'000, 500, 1000);
  const auto reader = open_store(path(), BatchStore::Access::read_only);
  writer.remove_up_to(Sequence{writer.next().value - 2001});
  const auto all = read_all(*reader);
  for (const auto& event : all.events) EXPECT_GE(number_of(*event), 0);
  const auto now = open_store(path(), BatchStore::Access::read_only);
  EXPECT_TRUE(damaged_and_not_removed(all.damages, now->removed(), reader->last()).empty());
}

TEST(DamagedAndNotRemoved, IsWhatReachesBeyondWhatWasRemoved) {
  const auto left = [](Damage damage) {
    return damaged_and_not_removed({std::move(damage)}, Sequence{100}, Sequence{200}).size();
  };
  EXPECT_EQ(left({Sequence{10}, Sequence{90}, ""}), 0U);
  EXPECT_EQ(left({Sequence{10}, Sequence{101}, ""}), 0U);
  EXPECT_EQ(left({Sequence{10}, Sequence{102}, ""}), 1U);
  EXPECT_EQ(left({Sequence{150}, Sequence{160}, ""}), 1U);
  EXPECT_EQ(left({Sequence{50}, {}, ""}), 1U) << "up to the last";
  EXPECT_EQ(damaged_and_not_removed({{Sequence{50}, {}, ""}}, Sequence{200}, Sequence{200}).size(), 0U);
}

}  // namespace
}  // namespace pbxbridge::spool
