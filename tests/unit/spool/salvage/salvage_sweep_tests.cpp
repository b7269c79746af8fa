// A store that is damaged in one file: whatever it is, what stood elsewhere comes back under its old ids, what is lost
// is counted and has its neighbours' times, no cursor is ahead, and what could not be read stays in quarantine.

#include "damaged_copy.hpp"
#include "pbxbridge/event.hpp"
#include "spool/log/record.hpp"
#include "spool/salvage/store_files.hpp"
#include "spool/store/batch_store.hpp"
#include "spool/store/rocksdb/log_format.hpp"
#include "store_writer.hpp"
#include "support/sanitizer.hpp"
#include "support/temporary_directory.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace pbxbridge::spool {
namespace {

namespace fs = std::filesystem;

/// Counts events as the spool does: by their sequences within one start, else by its list of segments.
std::uint64_t events_in(const Damage& damage, const SegmentIndex& segments) {
  if (damage.before.value == 0) return 0;
  if (damage.after.start_epoch() != damage.before.start_epoch())
    return segments.count(damage.after, Sequence{damage.before.value - 1});
  return damage.before.value - damage.after.value - 1;
}

bool is_same(const EventPtr& event, const EventPtr& other) {
  return encode_batch(std::span(&event, 1)) == encode_batch(std::span(&other, 1));
}

/// Three lives of a spool, with letters, gaps and two cursors: two in tables of several blocks, the last in a log of
/// several blocks. Each file of it can be damaged alone. The copies are in memory: nothing here depends on the disk.
class SalvageSweep : public testing::TestWithParam<int> {
 protected:
  static constexpr int shards = 8;

  static void SetUpTestSuite() {
    directory_ = new test::TemporaryDirectory("/dev/shm");
    write_life({.first = 0, .count = 300, .batch_events = 10, .payload_size = 400});
    write_life({.first = 300, .count = 900, .batch_events = 60, .payload_size = 60});  // batches that are packed
    write_life({.first = 1200, .count = 300, .batch_events = 20, .payload_size = 400});
    const auto store = open_store(whole(), BatchStore::Access::read_only);
    for (const auto& event : read_all(*store).events) events_[event->sequence()] = event;
    ASSERT_EQ(events_.size(), 1500U);
    id_ = store->id();
    cursors_ = store->cursors();
    epoch_ = store->start_epoch();
    for (const auto& file : files_of(whole())) {
      blocks_[file] = blocks_of(whole() / file);
      for (const StoredBlock& block : blocks_[file])
        for (const Sequence batch : block.batches) files_of_batch_[batch].insert(file);
    }
  }
  static void TearDownTestSuite() { delete directory_; }

  struct Life {
    std::uint64_t first;
    std::uint64_t count;
    std::uint64_t batch_events;
    std::size_t payload_size;
  };

  static void write_life(const Life& life) {
    StoreWriter writer(whole());
    auto commit = writer.commit_of(life.first, life.batch_events, life.payload_size);
    commit.gaps = {{life.first, Gap{.pbx = "hq"}}};
    commit.letters.emplace_back("lake", DeadLetter{.event = commit.events.front(), .topic = "calls"});
    writer.write(std::move(commit));
    writer.append(life.first + life.batch_events, life.count - life.batch_events, life.batch_events, life.payload_size);
    Commit done;
    done.cursors = {{"lake", Sequence{writer.next().value - 40}}, {"wallboard", Sequence{writer.next().value - 1}}};
    writer.write(std::move(done));
  }

  static fs::path whole() { return directory_->path() / "whole"; }
  static fs::path copy() { return directory_->path() / fmt::format("copy{}", GetParam()); }

  /// Counts events of these batches that are in no other file.
  static std::uint64_t events_only_in(const fs::path& file, const std::set<Sequence>& batches) {
    std::uint64_t events = 0;
    for (const Sequence batch : batches)
      if (files_of_batch_[batch] == std::set{file}) events += events_of(batch);
    return events;
  }
  static std::uint64_t events_only_in(const fs::path& file) {
    std::set<Sequence> batches;
    for (const StoredBlock& block : blocks_[file]) batches.insert(block.batches.begin(), block.batches.end());
    return events_only_in(file, batches);
  }
  /// Returns how many events a damaged byte may cost.
  static std::uint64_t events_of_block(const fs::path& file, std::size_t offset) {
    const auto block = std::ranges::find_if(
        blocks_[file], [offset](const StoredBlock& each) { return each.begin <= offset && offset < each.end; });
    return block == blocks_[file].end() ? 0 : events_only_in(file, block->batches);
  }
  static std::uint64_t events_of(Sequence batch) {
    const auto next = files_of_batch_.upper_bound(batch);
    const auto end = next == files_of_batch_.end() ? events_.end() : events_.lower_bound(next->first);
    return static_cast<std::uint64_t>(std::distance(events_.find(batch), end));
  }

  /// Opens the damaged copy and checks all that must hold; the number of events that are lost.
  static std::uint64_t lost_after_opening() {
    const auto opened = BatchStore::open(copy(), BatchStore::Access::write);
    EXPECT_TRUE(opened) << opened.error().text;
    if (!opened) return 0;
    const BatchStore& store = **opened;
    EXPECT_EQ(store.id(), id_);
    EXPECT_GT(store.start_epoch(), epoch_);
    for (const auto& [sink, position] : store.cursors()) EXPECT_LE(position, cursors_[sink]) << sink;
    const auto all = read_all(store);
    std::set<Sequence> found;
    for (const auto& event : all.events) {
      const auto written = events_.find(event->sequence());
      EXPECT_TRUE(written != events_.end() && is_same(event, written->second)) << event->sequence().value;
      found.insert(event->sequence());
    }
    auto damages = store.damages();
    for (const Damage& damage : all.damages)
      if (std::ranges::none_of(store.damages(), [&damage](const Damage& other) {
            return other.after <= damage.after && damage.before <= other.before;
          }))
        damages.push_back(damage);
    check_told(found, damages, store.segments());
    return events_.size() - found.size();
  }

  static void check_told(const std::set<Sequence>& found, const std::vector<Damage>& damages,
                         const SegmentIndex& segments) {
    std::uint64_t counted = 0;
    std::string told;
    for (const Damage& damage : damages) {
      told += fmt::format("\n{:x} .. {:x} {}", damage.after.value, damage.before.value, damage.reason);
      counted += events_in(damage, segments);
      if (damage.after.start_epoch() == damage.before.start_epoch()) check_times(damage, found);
    }
    EXPECT_EQ(counted, events_.size() - found.size()) << told;
    for (const auto& [sequence, event] : events_) {
      if (found.contains(sequence)) continue;
      EXPECT_TRUE(std::ranges::any_of(
          damages,
          [missing = sequence](const Damage& damage) { return damage.after < missing && missing < damage.before; }))
          << std::hex << sequence.value << " is missing without a word" << told;
    }
  }

  /// Those of the neighbours that are there.
  static void check_times(const Damage& damage, const std::set<Sequence>& found) {
    const auto after = found.lower_bound(damage.before);
    if (after != found.begin()) {
      EXPECT_EQ(damage.begin, events_[*std::prev(after)]->received_at());
    }
    if (after != found.end()) {
      EXPECT_EQ(damage.end, events_[*after]->received_at());
    }
  }

  /// `bytes` of it are somewhere, if the store was salvaged.
  static void check_quarantined(const fs::path& file, const std::string& bytes) {
    if (!fs::exists(copy() / "quarantine") || *file.begin() != "store") return;
    for (const auto& kept : fs::recursive_directory_iterator(copy() / "quarantine"))
      if (kept.path().filename() == file.filename() && read_file(kept.path()) == bytes) return;
    ADD_FAILURE() << file << " is not in quarantine as it was";
  }

  template <class Each>
  static void each_file_of_this_shard(Each each) {
    int number = 0;
    for (const auto& file : files_of(whole()))
      if (number++ % shards == GetParam()) each(file);
  }

  static inline test::TemporaryDirectory* directory_ = nullptr;
  static inline std::map<Sequence, EventPtr> events_;
  static inline SpoolId id_;
  static inline CursorPositions cursors_;
  static inline std::uint32_t epoch_ = 0;
  static inline std::map<fs::path, std::vector<StoredBlock>> blocks_;
  static inline std::map<Sequence, std::set<fs::path>> files_of_batch_;
};

/// Every 97th byte: about a minute of two processors for all shards. A fifth of these where a sanitizer makes each
/// dear.
constexpr std::size_t distance_of_damages = test::is_sanitized ? 97 * 5 : 97;

/// A bit, which a checksum may tell, or a whole byte, which it does not, in turn.
char damaged(char byte, std::size_t number) {
  return static_cast<char>(byte ^ (number % 2 == 0 ? 1 << (number / 2 % 8) : 0xff));
}

TEST_P(SalvageSweep, ADamagedByteCostsAtMostItsBlock) {
  const std::size_t step = distance_of_damages;
  std::size_t number = 0;
  for (const auto& file : files_of(whole())) {
    const std::string sound = read_file(whole() / file);
    for (std::size_t offset = number % step; offset < sound.size(); offset += step) {
      if (static_cast<int>(++number / 2 % shards) != GetParam()) continue;
      SCOPED_TRACE(fmt::format("byte {} of {} of {}", offset, sound.size(), file.string()));
      make_copy(whole(), copy());
      std::string bytes = sound;
      bytes[offset] = damaged(bytes[offset], number);
      write_file(copy() / file, bytes);
      EXPECT_LE(lost_after_opening(), events_of_block(file, offset));
      check_quarantined(file, bytes);
      if (HasFailure()) return;
    }
  }
}

/// Each bit of each size and type in a log, and in the manifest, which has the form of one: some of them RocksDB takes
/// for the end of the file.
TEST_P(SalvageSweep, ADamagedHeaderOfALogCostsAtMostItsBlock) {
  constexpr std::size_t checksum_size = 4;
  std::size_t number = 0;
  for (const auto& file : files_of(whole())) {
    if (!salvage::is_log(file) && !file.filename().string().starts_with("MANIFEST")) continue;
    const std::string sound = read_file(whole() / file);
    for (const std::size_t piece : pieces_of_log(sound))
      for (std::size_t bit = checksum_size * 8; bit < log_header_size * 8; ++bit) {
        if (static_cast<int>(number++ % shards) != GetParam()) continue;
        SCOPED_TRACE(fmt::format("bit {} of the header at byte {} of {}", bit, piece, file.string()));
        make_copy(whole(), copy());
        std::string bytes = sound;
        bytes[piece + bit / 8] = static_cast<char>(bytes[piece + bit / 8] ^ (1 << bit % 8));
        write_file(copy() / file, bytes);
        EXPECT_LE(lost_after_opening(), events_of_block(file, piece));
        EXPECT_TRUE(fs::exists(copy() / "quarantine"));
        check_quarantined(file, bytes);
        if (HasFailure()) return;
      }
  }
  EXPECT_GT(number, 400U);
}

/// The bound above means something then.
TEST_P(SalvageSweep, HasSeveralBlocksInEachFileOfEvents) {
  std::size_t files_of_events = 0;
  for (const auto& [file, blocks] : blocks_) {
    files_of_events += !blocks.empty();
    for (const StoredBlock& block : blocks)
      EXPECT_LT(events_only_in(file, block.batches), events_only_in(file)) << file << " from " << block.begin;
  }
  EXPECT_EQ(files_of_events, 3U) << "two tables and a log";
}

TEST_P(SalvageSweep, AFileThatIsGoneCostsWhatStoodInItAlone) {
  each_file_of_this_shard([](const fs::path& file) {
    SCOPED_TRACE(file);
    make_copy(whole(), copy());
    fs::remove(copy() / file);
    EXPECT_LE(lost_after_opening(), events_only_in(file));
  });
}

TEST_P(SalvageSweep, AnEmptyFileCostsWhatStoodInItAlone) {
  each_file_of_this_shard([](const fs::path& file) {
    SCOPED_TRACE(file);
    make_copy(whole(), copy());
    write_file(copy() / file, "");
    EXPECT_LE(lost_after_opening(), events_only_in(file));
  });
}

TEST_P(SalvageSweep, AFileThatIsCutCostsWhatStoodBehind) {
  each_file_of_this_shard([](const fs::path& file) {
    for (const int part : {2, 3, 10}) {
      SCOPED_TRACE(fmt::format("{} cut to one in {}", file.string(), part));
      make_copy(whole(), copy());
      const std::string bytes = read_file(whole() / file).substr(0, fs::file_size(whole() / file) / part);
      write_file(copy() / file, bytes);
      EXPECT_LE(lost_after_opening(), events_only_in(file));
      check_quarantined(file, bytes);
    }
  });
}

TEST_P(SalvageSweep, AStretchOfZerosCostsWhatStoodThere) {
  each_file_of_this_shard([](const fs::path& file) {
    make_copy(whole(), copy());
    std::string bytes = read_file(whole() / file);
    for (std::size_t at = bytes.size() / 3; at < std::min(bytes.size() / 3 + 4096, bytes.size()); ++at) bytes[at] = 0;
    write_file(copy() / file, bytes);
    SCOPED_TRACE(file);
    EXPECT_LE(lost_after_opening(), events_only_in(file));
    check_quarantined(file, bytes);
  });
}

INSTANTIATE_TEST_SUITE_P(Shards, SalvageSweep, testing::Range(0, 8));

}  // namespace
}  // namespace pbxbridge::spool
