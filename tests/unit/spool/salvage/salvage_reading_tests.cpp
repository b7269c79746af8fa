// The readers of a salvage alone: pure functions over bytes.

#include "numbered_events.hpp"
#include "pbxbridge/event.hpp"
#include "spool/log/crc32c.hpp"
#include "spool/log/packed_batch.hpp"
#include "spool/log/record.hpp"
#include "spool/salvage/event_records.hpp"
#include "spool/salvage/flipped_bit.hpp"
#include "spool/salvage/log_entries.hpp"
#include "spool/salvage/missing_events.hpp"
#include "spool/salvage/table_entries.hpp"
#include "spool/store/epoch_log.hpp"
#include "store_writer.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace pbxbridge::spool {
namespace {

namespace fs = std::filesystem;

std::string batch_of(std::uint64_t first, std::uint64_t count, std::size_t payload = 100) {
  std::vector<EventPtr> events;
  for (std::uint64_t number = first; number < first + count; ++number)
    events.push_back(accepted_event(number, Sequence{number + 1}, SpoolId{7}, payload));
  return encode_batch(events);
}

std::set<std::uint64_t> found_in(std::string_view bytes) {
  std::set<std::uint64_t> found;
  salvage::find_event_records(bytes,
                              [&found](std::string_view record) { found.insert(sequence_of_record(record).value); });
  return found;
}

TEST(FlippedBit, IsFoundWhereverItIs) {
  const std::string sound = batch_of(0, 3);
  const std::uint32_t crc = crc32c(sound);
  for (std::size_t bit = 0; bit < sound.size() * 8; bit += 7) {
    std::string flipped = sound;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    EXPECT_EQ(salvage::with_bit_flipped_back(flipped, crc), sound) << bit;
  }
  for (unsigned bit = 0; bit < 32; ++bit) EXPECT_EQ(salvage::with_bit_flipped_back(sound, crc ^ (1U << bit)), sound);
}

TEST(FlippedBit, IsNotFoundWhereMoreIsDamaged) {
  std::string damaged = batch_of(0, 3);
  const std::uint32_t crc = crc32c(damaged);
  damaged[5] = static_cast<char>(damaged[5] ^ 0x11);
  EXPECT_FALSE(salvage::with_bit_flipped_back(damaged, crc));
}

TEST(EventRecords, AreFoundAnywhere) {
  const std::string noise = "no event in here, and nothing like one";
  const std::string bytes = noise + batch_of(0, 3).substr(5) + noise + noise + batch_of(10, 2) + noise;
  EXPECT_EQ(found_in(bytes), (std::set<std::uint64_t>{1, 2, 3, 11, 12}));
}

TEST(EventRecords, AreFoundInAPackedBatch) {
  const std::string packed = pack_batch(batch_of(0, 100, 301));
  ASSERT_EQ(packed[0], 2) << "packed";
  const auto found = found_in("before it" + packed + "after it");
  EXPECT_EQ(found.size(), 100U);
}

TEST(EventRecords, AreCorrectedOrLeftOut) {
  std::string bytes = batch_of(0, 3);
  bytes[60] = static_cast<char>(bytes[60] ^ 2);
  EXPECT_EQ(found_in(bytes).size(), 3U) << "one bit of the first";
  bytes.replace(bytes.size() - 30, 20, 20, '#');
  EXPECT_EQ(found_in(bytes), (std::set<std::uint64_t>{1, 2})) << "much of the last";
}

struct Counter final : salvage::EntryVisitor {
  void entry(const salvage::StoredEntry& entry) override { bytes += entry.key.size() + entry.value.size(); }
  void doubtful_entry(const salvage::StoredEntry& entry) override { bytes += entry.key.size() + entry.value.size(); }
  void unreadable(std::string_view unreadable) override { bytes += unreadable.size(); }
  std::size_t bytes = 0;
};

/// Under the sanitizers nothing may be read beyond the end.
TEST(SalvageReaders, TakeAnything) {
  const test::TemporaryDirectory directory;
  { StoreWriter(directory / "spool").append(0, 200, 10, 60); }
  { StoreWriter(directory / "spool").append(200, 50, 10, 60); }
  std::mt19937_64 random(5);
  for (const auto& file : fs::directory_iterator(directory / "spool/store")) {
    std::ifstream in(file.path(), std::ios::binary);
    const std::string sound{std::istreambuf_iterator<char>(in), {}};
    if (sound.empty() || sound.size() > 200'000) continue;
    for (int round = 0; round < 20; ++round) {
      std::string bytes = sound.substr(0, 1 + random() % sound.size());
      for (int change = 0; change < round; ++change) bytes[random() % bytes.size()] = static_cast<char>(random());
      Counter counter;
      salvage::read_table(bytes, counter);
      salvage::read_log(bytes, counter);
      found_in(bytes);
    }
  }
}

TEST(EpochLog, TellsStartsAndHowFarTheEventsGo) {
  const test::TemporaryDirectory directory;
  {
    EpochLog log(directory.path());
    ASSERT_TRUE(log.begin({1, {}}, SpoolId{77}, {}));
    log.note(Sequence::first_of(1), {});
    ASSERT_TRUE(log.begin({4, Sequence::first_of(1)}, SpoolId{77}, {}));
    log.close(Sequence::first_of(4).next(), Sequence::first_of(1));
  }
  const auto known = EpochLog::read(directory.path());
  EXPECT_EQ(known.id, SpoolId{77});
  EXPECT_EQ(known.last_epoch(), 4U);
  EXPECT_EQ(known.end_of(1), Sequence::first_of(1));
  EXPECT_EQ(known.newest, Sequence::first_of(4).next());
  EXPECT_EQ(known.removed, Sequence::first_of(1));
  EXPECT_TRUE(known.closed);
}

TEST(EpochLog, LeavesOutADamagedLine) {
  const test::TemporaryDirectory directory;
  {
    EpochLog log(directory.path());
    ASSERT_TRUE(log.begin({1, {}}, SpoolId{77}, {}));
    ASSERT_TRUE(log.begin({2, Sequence::first_of(1)}, SpoolId{77}, {}));
  }
  std::fstream file(directory / "epochs", std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(9);
  file.put('f');
  file.close();
  const auto known = EpochLog::read(directory.path());
  EXPECT_EQ(known.starts.size(), 1U);
  EXPECT_EQ(known.id, SpoolId{77});
}

Segment run(std::uint32_t epoch, std::uint64_t first, std::uint64_t last) {
  const auto sequence = [epoch](std::uint64_t number) { return Sequence{Sequence::first_of(epoch).value + number}; };
  return {.first = sequence(first), .last = sequence(last)};
}

std::vector<std::uint64_t> counts(const salvage::MissingEvents& missing) {
  std::vector<std::uint64_t> counts;
  for (const Damage& damage : missing.damages())
    counts.push_back(
        damage.after.start_epoch() == damage.before.start_epoch() ? damage.before.value - damage.after.value - 1 : 0);
  return counts;
}

TEST(MissingEvents, AreCountedOverStarts) {
  KnownEpochs known;
  known.starts = {{1, {}}, {2, run(1, 0, 9).last}, {5, run(2, 0, 4).last}};
  known.newest = run(5, 0, 20).last;
  salvage::MissingEvents missing(known, {}, Sequence{});
  missing.add(run(1, 2, 3));
  missing.add(run(1, 6, 6));
  missing.add(run(5, 1, 10));
  missing.end(known.newest);
  EXPECT_EQ(counts(missing), (std::vector<std::uint64_t>{2, 2, 3, 5, 1, 10}));
}

TEST(MissingEvents, HaveNoNumberWhereTheEndOfAStartIsNotKnown) {
  const KnownEpochs unknown;
  salvage::MissingEvents missing(unknown, {}, Sequence{});
  missing.add(run(1, 0, 3));
  missing.add(run(2, 0, 3));
  EXPECT_EQ(counts(missing), (std::vector<std::uint64_t>{0}));
  salvage::MissingEvents by_segments(unknown, {run(1, 0, 3).last}, Sequence{});
  by_segments.add(run(1, 0, 3));
  by_segments.add(run(2, 0, 3));
  EXPECT_TRUE(by_segments.damages().empty());
}

TEST(MissingEvents, AreNoneBeforeWhatWasRemoved) {
  const KnownEpochs unknown;
  salvage::MissingEvents missing(unknown, {}, run(1, 0, 4).last);
  missing.add(run(1, 2, 9));
  EXPECT_TRUE(missing.damages().empty());
  salvage::MissingEvents without_floor(unknown, {}, std::nullopt);
  without_floor.add(run(1, 5, 9));
  EXPECT_TRUE(without_floor.damages().empty());
}

}  // namespace
}  // namespace pbxbridge::spool
