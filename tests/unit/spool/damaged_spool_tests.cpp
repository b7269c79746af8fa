// Spools that something has damaged: made whole by the test, damaged in one place, opened again. Whatever the place,
// what can be read is right, and what is missing is told.

#include "damaged_copy.hpp"
#include "numbered_events.hpp"
#include "pbxbridge/event.hpp"
#include "spool/store/batch_store.hpp"
#include "spool/store/rocksdb/store_database.hpp"
#include "store_writer.hpp"
#include "support/long_form.hpp"
#include "support/temporary_directory.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::spool {
namespace {

namespace fs = std::filesystem;

bool is_kind(const fs::path& file, std::string_view kind) {
  const std::string name = file.filename().string();
  return name.ends_with(kind) || name.starts_with(kind);
}

/// Events written to the spool: the number of each by its sequence.
using Written = std::vector<std::pair<Sequence, std::int64_t>>;

class DamagedSpoolTest : public testing::Test {
 protected:
  /// Four lives of a spool: two short ones of packed batches, each in one file, one that fills files of its own, and
  /// one whose events stand in the log. Each has a cursor, a letter and a gap, and ends without a word.
  static void SetUpTestSuite() {
    whole_ = new test::TemporaryDirectory();
    written_ = new Written();
    write_life(600, 1001);
    write_life(400, 1001);
    write_life(1600, 3000);
    in_tables_ = written_->size();
    write_life(1000, 1000);
    ASSERT_GE(files(".sst").size(), 3U);
    ASSERT_GE(written_->size(), 3000U);
  }
  static void write_life(std::uint64_t count, std::size_t payload_size) {
    StoreWriter writer(whole_->path() / "spool");
    const std::uint64_t first = written_->size();
    auto commit = writer.commit_of(first, 20, payload_size);
    commit.cursors = {{"lake", commit.events.back()->sequence()}};
    commit.gaps = {{first, Gap{.pbx = "hq"}}};
    commit.letters.emplace_back("lake", DeadLetter{.event = commit.events.front(), .topic = "calls"});
    writer.write(std::move(commit));
    writer.append(first + 20, count - 20, 20, payload_size);
    for (const auto& event : read_all(writer.store(), written_->empty() ? Sequence{} : written_->back().first).events)
      written_->emplace_back(event->sequence(), number_of(*event));
    last_epoch_ = writer->start_epoch();
  }
  static void TearDownTestSuite() {
    delete whole_;
    delete written_;
  }

  void make_copy() {
    fs::remove_all(path());
    fs::create_directories(path() / "store");
    for (const auto& entry : fs::directory_iterator(whole_->path() / "spool/store")) {
      const fs::path copy = path() / "store" / entry.path().filename();
      if (entry.path().extension() == ".sst")
        fs::create_hard_link(entry.path(), copy);
      else
        fs::copy_file(entry.path(), copy);
    }
  }
  static fs::path path() { return whole_->path() / "copy"; }
  static std::vector<fs::path> files(std::string_view kind) {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(whole_->path() / "spool/store"))
      if (is_kind(entry.path(), kind)) found.push_back(entry.path().filename());
    std::sort(found.begin(), found.end());
    return found;
  }
  /// The log with the newest events.
  static fs::path newest_log() {
    auto logs = files(".log");
    return logs.empty() ? fs::path() : logs.back();
  }

  struct Seen {
    std::set<std::int64_t> numbers;
    std::size_t damages = 0;
    bool is_prefix = true;
    bool quarantined = false;
  };

  /// Opens what is at `path()` and checks all that must hold, whatever was damaged.
  Seen open_and_check() {
    Seen seen;
    // Whoever looks is told, or sees what is there.
    static_cast<void>(BatchStore::open(path(), BatchStore::Access::read_only));
    std::vector<Damage> damages;
    {
      auto store = BatchStore::open(path(), BatchStore::Access::write);
      EXPECT_TRUE(store) << store.error().text;
      if (!store) return seen;
      EXPECT_GT((*store)->start_epoch(), last_epoch_) << "a start epoch is given again";
      const auto all = read_all(**store);
      damages = (*store)->damages();
      damages.insert(damages.end(), all.damages.begin(), all.damages.end());
      check_events(all.events, seen);
      check_covered(seen, damages);
      check_takes_events(**store);
    }
    check_opens_soundly(seen);
    seen.damages = damages.size();
    seen.quarantined = fs::exists(path() / "quarantine") && !fs::is_empty(path() / "quarantine");
    return seen;
  }

  static void check_events(const std::vector<EventPtr>& events, Seen& seen) {
    for (const auto& event : events) {
      const auto original =
          std::lower_bound(written_->begin(), written_->end(), event->sequence(),
                           [](const auto& entry, Sequence sequence) { return entry.first < sequence; });
      const bool known = original != written_->end() && original->first == event->sequence();
      EXPECT_TRUE(known) << "an event that was never written: " << event->sequence().value;
      EXPECT_TRUE(known && number_of(*event) == original->second) << "an event that is not as it was written";
      EXPECT_TRUE(seen.numbers.insert(number_of(*event)).second) << "an event that comes twice";
    }
    for (std::size_t i = 0; i < events.size(); ++i)
      if (!seen.numbers.contains(static_cast<std::int64_t>(i))) seen.is_prefix = false;
  }

  /// Torn tails are no damage: what is missing after the newest readable event needs no telling, unless a store had
  /// to be salvaged.
  static void check_covered(const Seen& seen, const std::vector<Damage>& damages) {
    const bool salvaged = fs::exists(path() / "quarantine");
    std::size_t hidden = 0;
    std::optional<Sequence> first_hidden;
    for (const auto& [sequence, number] : *written_) {
      if (seen.numbers.contains(number)) continue;
      const bool tail = seen.numbers.empty() || number > *seen.numbers.rbegin();
      if (tail && !salvaged) continue;
      const bool told = std::any_of(damages.begin(), damages.end(), [sequence = sequence](const Damage& damage) {
        return damage.after < sequence && (damage.before.value == 0 || sequence < damage.before);
      });
      if (told) continue;
      ++hidden;
      if (!first_hidden) first_hidden = sequence;
    }
    std::string told;
    for (const Damage& damage : damages)
      told += fmt::format("\n  {:x} .. {:x} {}", damage.after.value, damage.before.value, damage.reason);
    EXPECT_EQ(hidden, 0U) << "missing events that no damage tells, from " << std::hex << first_hidden->value << std::dec
                          << " on; " << seen.numbers.size() << " are there; told:" << told;
  }

  static void check_takes_events(BatchStore& store) {
    Commit commit;
    commit.events.push_back(accepted_event(999'999, Sequence::first_of(store.start_epoch()), store.id()));
    const auto written = store.write(commit, true);
    EXPECT_TRUE(written) << written.error().text;
  }

  /// Once salvaged, a store is not salvaged again at each start.
  static void check_opens_soundly(const Seen& seen) {
    const auto copies = [] {
      return fs::exists(path() / "quarantine")
                 ? std::distance(fs::directory_iterator(path() / "quarantine"), fs::directory_iterator())
                 : 0;
    };
    const auto before = copies();
    const auto store = BatchStore::open(path(), BatchStore::Access::write);
    ASSERT_TRUE(store) << store.error().text;
    EXPECT_EQ(copies(), before) << "quarantined a second time";
    const auto again = read_all(**store);
    EXPECT_EQ(again.events.size(), seen.numbers.size() + 1) << "after a second opening";
    EXPECT_EQ(number_of(*again.events.back()), 999'999);
  }

  void flip_bits(const std::string& kind, const std::vector<fs::path>& names, std::uint64_t flips) {
    ASSERT_FALSE(names.empty());
    const std::uint64_t seed = test::is_long_form() ? std::random_device()() : 20260101;
    std::cout << "seed " << seed << "\n";
    std::mt19937_64 random(seed);
    for (std::uint64_t flip = 0; flip < flips; ++flip) {
      const fs::path& name = names[random() % names.size()];
      make_copy();
      std::string bytes = read_file(path() / "store" / name);
      if (bytes.empty()) continue;
      const std::size_t offset = random() % bytes.size();
      const int bit = static_cast<int>(random() % 8);
      bytes[offset] = static_cast<char>(bytes[offset] ^ (1 << bit));
      write_file(path() / "store" / name, bytes);
      SCOPED_TRACE(fmt::format("{} {}: bit {} of byte {} of {}", kind, name.string(), bit, offset, bytes.size()));
      const Seen seen = open_and_check();
      // A length in the last block that points past the end looks like a torn tail.
      const bool torn = kind == "log" && offset + log_block > bytes.size();
      EXPECT_TRUE(torn || seen.damages > 0 || seen.numbers.size() == written_->size())
          << written_->size() - seen.numbers.size() << " events are missing without a word";
      if (HasFailure()) return;
    }
  }

  static constexpr std::size_t log_block = 32 * 1024;
  static test::TemporaryDirectory* whole_;
  static Written* written_;
  static std::size_t in_tables_;  ///< events that the lives before the last have written
  static std::uint32_t last_epoch_;
};

test::TemporaryDirectory* DamagedSpoolTest::whole_ = nullptr;
Written* DamagedSpoolTest::written_ = nullptr;
std::size_t DamagedSpoolTest::in_tables_ = 0;
std::uint32_t DamagedSpoolTest::last_epoch_ = 0;

TEST_F(DamagedSpoolTest, AWholeOneIsSound) {
  make_copy();
  const Seen seen = open_and_check();
  EXPECT_EQ(seen.numbers.size(), written_->size());
  EXPECT_EQ(seen.damages, 0U);
  EXPECT_FALSE(seen.quarantined);
}

TEST_F(DamagedSpoolTest, ATornTailLeavesAPrefixAndIsNoDamage) {
  const std::string log = read_file(whole_->path() / "spool/store" / newest_log());
  const std::uint64_t cuts = test::is_long_form() ? 300 : 6;
  std::mt19937_64 random(1);
  for (std::uint64_t cut = 0; cut <= cuts; ++cut) {
    const std::size_t size = cut == 0 ? 0 : cut == 1 ? 7 : cut == 2 ? log.size() - 1 : random() % log.size();
    make_copy();
    write_file(path() / "store" / newest_log(), log.substr(0, size));
    SCOPED_TRACE(fmt::format("{} of {} bytes are left", size, log.size()));
    const Seen seen = open_and_check();
    EXPECT_TRUE(seen.is_prefix);
    EXPECT_EQ(seen.damages, 0U);
    EXPECT_FALSE(seen.quarantined);
    EXPECT_GE(seen.numbers.size(), in_tables_) << "what an earlier life had written is not in this log";
    if (HasFailure()) return;
  }
}

TEST_F(DamagedSpoolTest, FlippedBitsInALogHideNothing) {
  flip_bits("log", files(".log"), test::is_long_form() ? 400 : 8);
}

TEST_F(DamagedSpoolTest, FlippedBitsInATableHideNothing) {
  flip_bits("table", files(".sst"), test::is_long_form() ? 600 : 10);
}

TEST_F(DamagedSpoolTest, FlippedBitsInTheManifestHideNothing) {
  flip_bits("manifest", files("MANIFEST"), test::is_long_form() ? 300 : 5);
}

TEST_F(DamagedSpoolTest, FlippedBitsInCurrentHideNothing) {
  flip_bits("current", {"CURRENT"}, test::is_long_form() ? 128 : 4);
}

TEST_F(DamagedSpoolTest, FlippedBitsInWhatRocksDbDoesNotNeedDoNoHarm) {
  auto names = files("OPTIONS");
  names.emplace_back("IDENTITY");
  flip_bits("other", names, 2);
}

/// The fault is the highest bit of the number that ends its block of properties, which RocksDB looks at before the
/// checksum.
TEST_F(DamagedSpoolTest, ATableThatWouldEndTheProcessWhichOpensItIsNotOpened) {
  using namespace std::string_view_literals;
  constexpr auto end_of_properties = "\0\0\0\0\1\0\0\0"sv;
  for (const auto& name : files(".sst")) {
    make_copy();
    std::string bytes = read_file(path() / "store" / name);
    const auto end = bytes.find(end_of_properties, bytes.rfind("value.size"));
    ASSERT_NE(end, std::string::npos);
    bytes[end + end_of_properties.size() - 1] ^= '\x80';
    write_file(path() / "store" / name, bytes);
    SCOPED_TRACE(name.string());
    const Seen seen = open_and_check();
    EXPECT_TRUE(seen.quarantined);
    EXPECT_EQ(seen.numbers.size(), written_->size());
    EXPECT_EQ(seen.damages, 0U);
  }
}

/// An iterator that goes on from one table to the next may take a table that cannot be read for the end.
TEST_F(DamagedSpoolTest, ADamagedFirstBlockOfATableHidesNothingBehindIt) {
  for (const auto& name : files(".sst")) {
    make_copy();
    std::string bytes = read_file(path() / "store" / name);
    bytes.at(100) ^= 1;
    write_file(path() / "store" / name, bytes);
    SCOPED_TRACE(name.string());
    const Seen seen = open_and_check();
    EXPECT_TRUE(seen.damages > 0 || seen.numbers.size() == written_->size());
    EXPECT_TRUE(seen.numbers.contains(static_cast<std::int64_t>(written_->size()) - 1)) << "it is in another file";
  }
}

TEST_F(DamagedSpoolTest, AMissingFileHidesNothing) {
  std::vector<fs::path> names = files("");
  for (const auto& name : names) {
    make_copy();
    fs::remove(path() / "store" / name);
    SCOPED_TRACE(name.string());
    const Seen seen = open_and_check();
    EXPECT_TRUE(seen.damages > 0 || seen.numbers.size() == written_->size());
  }
}

TEST_F(DamagedSpoolTest, AnEmptyFileHidesNothing) {
  // An empty log is one with a torn tail.
  for (const char* kind : {".sst", "MANIFEST", "CURRENT", "OPTIONS"}) {
    const fs::path name = files(kind).front();
    make_copy();
    write_file(path() / "store" / name, "");
    SCOPED_TRACE(name.string());
    const Seen seen = open_and_check();
    EXPECT_TRUE(seen.damages > 0 || seen.numbers.size() == written_->size());
  }
}

/// Between two starts it may be killed at any moment.
TEST_F(DamagedSpoolTest, DamageIsToldAtEachOpeningUntilItsGapIsStored) {
  make_copy();
  fs::remove(path() / "store" / files(".sst").front());
  const auto damages = open_store(path())->damages();
  ASSERT_GE(damages.size(), 1U);
  {
    const auto store = open_store(path());
    for (const Damage& damage : damages)
      EXPECT_TRUE(std::ranges::any_of(store->damages(), [&damage](const Damage& told) {
        return told.after == damage.after && told.before == damage.before && told.reason == damage.reason;
      })) << damage.reason;
    Commit commit;
    std::uint64_t number = 10'000;
    for (const Damage& damage : store->damages())
      commit.gaps.emplace_back(number++,
                               Gap{.reason = GapReason::corrupted, .after = damage.after, .before = damage.before});
    ASSERT_TRUE(store->write(commit, true));
  }
  EXPECT_TRUE(open_store(path())->damages().empty());
}

TEST_F(DamagedSpoolTest, DamageIsToldWhereTheProcessEndsRightAfterTheSalvage) {
  make_copy();
  fs::remove(path() / "store" / files(".sst").front());
  {
    const auto salvaged = open_database(path());
    ASSERT_TRUE(salvaged) << salvaged.error().text;
  }
  const Seen seen = open_and_check();
  EXPECT_LT(seen.numbers.size(), written_->size());
  EXPECT_GE(seen.damages, 1U);
}

TEST_F(DamagedSpoolTest, ADirectoryWithNothingButALockIsANewSpool) {
  fs::remove_all(path());
  fs::create_directories(path());
  write_file(path() / "lock", "process 1 on nowhere");
  const auto store = BatchStore::open(path(), BatchStore::Access::write);
  ASSERT_TRUE(store) << store.error().text;
  EXPECT_TRUE((*store)->damages().empty());
  EXPECT_TRUE(read_all(**store).events.empty());
}

TEST_F(DamagedSpoolTest, WhatIsReadOnlyIsNotSalvaged) {
  make_copy();
  write_file(path() / "store/CURRENT", "x");
  const auto store = BatchStore::open(path(), BatchStore::Access::read_only);
  EXPECT_FALSE(store);
  EXPECT_FALSE(fs::exists(path() / "quarantine"));
  EXPECT_EQ(read_file(path() / "store/CURRENT"), "x");
}

}  // namespace
}  // namespace pbxbridge::spool
