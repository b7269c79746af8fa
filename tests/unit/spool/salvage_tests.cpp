// A store that is damaged in one file: whatever it is, what stood elsewhere comes back under its old ids, what is lost
// is counted and has its neighbours' times, no cursor is ahead, and what could not be read stays in quarantine.

#include "numbered_events.hpp"
#include "open_spool.hpp"
#include "spool/batch_store.hpp"
#include "spool/record.hpp"
#include "spool/salvage/log_entries.hpp"
#include "spool/salvage/store_files.hpp"
#include "spool/salvage/table_entries.hpp"
#include "store_writer.hpp"
#include "support/long_form.hpp"
#include "support/temporary_directory.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace pbxbridge::spool {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// In a new file: the old one may have other names.
void write_file(const fs::path& file, const std::string& bytes) {
  fs::remove(file);
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

std::vector<fs::path> files_of(const fs::path& spool) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(spool)) {
    const auto name = entry.path().filename();
    if (entry.is_regular_file() && name != "LOCK" && name != "lock" && name != "ballast")
      files.push_back(entry.path().lexically_relative(spool));
  }
  std::ranges::sort(files);
  return files;
}

void make_copy(const fs::path& from, const fs::path& to) {
  fs::remove_all(to);
  for (const auto& file : files_of(from)) {
    fs::create_directories((to / file).parent_path());
    fs::copy_file(from / file, to / file);
  }
}

/// The keys of the batches in a file, and whether it has anything of the spool's own.
struct Content : salvage::EntryVisitor {
  void entry(const salvage::StoredEntry& entry) override {
    const auto key = decode_key(entry.key);
    if (key && key->start_epoch() < 1000)
      batches.insert(*key);
    else
      has_notes = true;
  }
  void doubtful_entry(const salvage::StoredEntry&) override { ADD_FAILURE() << "a sound file"; }
  void unreadable(std::string_view) override { ADD_FAILURE() << "a sound file"; }

  std::set<Sequence> batches;
  bool has_notes = false;
};

Content content_of(const fs::path& file) {
  Content content;
  const std::string bytes = read_file(file);
  salvage::FileFindings findings;
  if (salvage::is_log(file)) findings = salvage::read_log(bytes, content);
  if (salvage::is_table(file)) findings = salvage::read_table(bytes, content);
  EXPECT_TRUE(findings.whole()) << file;
  return content;
}

/// As the spool counts them: by their sequences within one start, else by its list of segments.
std::uint64_t events_in(const Damage& damage, const SegmentIndex& segments) {
  if (damage.before.value == 0) return 0;
  if (damage.after.start_epoch() != damage.before.start_epoch())
    return segments.count(damage.after, Sequence{damage.before.value - 1});
  return damage.before.value - damage.after.value - 1;
}

/// Three lives of a small spool, with a letter, a gap and two cursors; each file of it can be damaged alone.
class SalvageSweep : public testing::TestWithParam<int> {
 protected:
  static constexpr std::uint64_t batch_events = 10;
  static constexpr int shards = 6;

  static void SetUpTestSuite() {
    directory_ = new test::TemporaryDirectory();
    write_life(0, 120);
    write_life(120, 80);
    write_life(200, 100);
    const auto store = open_store(whole(), BatchStore::Access::read_only);
    for (const auto& event : read_all(*store).events) sequences_.push_back(event->sequence());
    ASSERT_EQ(sequences_.size(), 300U);
    id_ = store->id();
    cursors_ = store->cursors();
    epoch_ = store->start_epoch();
    for (const auto& file : files_of(whole())) contents_[file] = content_of(whole() / file);
  }
  static void TearDownTestSuite() { delete directory_; }

  static void write_life(std::uint64_t first, std::uint64_t count) {
    StoreWriter writer(whole());
    auto commit = writer.commit_of(first, batch_events, 60);
    commit.gaps = {{first, Gap{.pbx = "hq"}}};
    commit.letters.emplace_back("lake", DeadLetter{.event = commit.events.front(), .topic = "calls"});
    writer.write(std::move(commit));
    writer.append(first + batch_events, count - batch_events, batch_events, 60);
    Commit done;
    done.cursors = {{"lake", Sequence{writer.next().value - 40}}, {"wallboard", Sequence{writer.next().value - 1}}};
    writer.write(std::move(done));
  }

  static fs::path whole() { return directory_->path() / "whole"; }
  static fs::path copy() { return directory_->path() / fmt::format("copy{}", GetParam()); }

  /// Events that stand in that file and in no other.
  static std::uint64_t events_only_in(const fs::path& file) {
    std::uint64_t batches = 0;
    for (const Sequence key : contents_[file].batches)
      batches += std::ranges::none_of(
          contents_, [&](const auto& other) { return other.first != file && other.second.batches.contains(key); });
    return batches * batch_events;
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
      const auto at = std::ranges::lower_bound(sequences_, event->sequence());
      const bool is_known = at != sequences_.end() && *at == event->sequence();
      EXPECT_TRUE(is_known && number_of(*event) == at - sequences_.begin()) << event->sequence().value;
      found.insert(event->sequence());
    }
    auto damages = store.damages();
    for (const Damage& damage : all.damages)
      if (std::ranges::none_of(store.damages(), [&damage](const Damage& other) {
            return other.after <= damage.after && damage.before <= other.before;
          }))
        damages.push_back(damage);
    check_told(found, damages, store.segments());
    return sequences_.size() - found.size();
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
    EXPECT_EQ(counted, sequences_.size() - found.size()) << told;
    for (const Sequence sequence : sequences_) {
      const bool is_told = std::ranges::any_of(
          damages, [sequence](const Damage& damage) { return damage.after < sequence && sequence < damage.before; });
      EXPECT_TRUE(found.contains(sequence) || is_told)
          << std::hex << sequence.value << " is missing without a word" << told;
    }
  }

  /// Those of the neighbours that are there.
  static void check_times(const Damage& damage, const std::set<Sequence>& found) {
    const auto time_of = [](Sequence sequence) {
      return numbered_event(
                 static_cast<std::uint64_t>(std::ranges::lower_bound(sequences_, sequence) - sequences_.begin()))
          ->received_at();
    };
    const auto behind = found.lower_bound(damage.before);
    if (behind != found.begin()) {
      EXPECT_EQ(damage.begin, time_of(*std::prev(behind)));
    }
    if (behind != found.end()) {
      EXPECT_EQ(damage.end, time_of(*behind));
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
  static inline std::vector<Sequence> sequences_;
  static inline SpoolId id_;
  static inline CursorPositions cursors_;
  static inline std::uint32_t epoch_ = 0;
  static inline std::map<fs::path, Content> contents_;
};

TEST_P(SalvageSweep, AFlippedBitCostsAtMostItsBlock) {
  constexpr std::uint64_t events_of_a_block = 400;
  const std::size_t step = test::is_long_form() ? 97 : 97 * 5;
  std::size_t number = 0;
  for (const auto& file : files_of(whole())) {
    const std::string sound = read_file(whole() / file);
    const bool has_events = !contents_[file].batches.empty();
    for (std::size_t offset = number % step; offset < sound.size(); offset += step) {
      if (static_cast<int>(++number % shards) != GetParam()) continue;
      SCOPED_TRACE(fmt::format("byte {} of {} of {}", offset, sound.size(), file.string()));
      make_copy(whole(), copy());
      std::string bytes = sound;
      bytes[offset] = static_cast<char>(bytes[offset] ^ (1 << (number % 8)));
      write_file(copy() / file, bytes);
      EXPECT_LE(lost_after_opening(), has_events ? events_of_a_block : 0U);
      check_quarantined(file, bytes);
      if (HasFailure()) return;
    }
  }
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

INSTANTIATE_TEST_SUITE_P(Shards, SalvageSweep, testing::Range(0, 6));

/// What a large one does, seen by its sinks.
class SalvagedSpool : public testing::Test {
 protected:
  static constexpr std::uint64_t events = 20'000;

  static void SetUpTestSuite() {
    directory_ = new test::TemporaryDirectory();
    OpenSpool spool(config(whole()));
    spool->open_cursor("lake", Start::latest);
    spool->open_cursor("wallboard", Start::latest);
    spool->start();
    spool.append_and_commit(0, events, 300);
    ASSERT_GT(files(".sst").size(), 2U);
    ASSERT_GT(files(".log").size(), 0U);
  }
  static void TearDownTestSuite() { delete directory_; }

  static config::SpoolConfig config(const fs::path& path) {
    config::SpoolConfig config;
    config.path = path;
    return config;
  }
  static fs::path whole() { return directory_->path() / "whole"; }
  static fs::path copy() { return directory_->path() / "copy"; }

  /// Damages one file of a copy, reads what is left with both sinks, and returns how many events are lost.
  static std::uint64_t lost_after(const fs::path& file, const std::function<void(const fs::path&)>& damage) {
    make_copy(whole(), copy());
    damage(copy() / file);
    std::uint64_t lost = 0;
    {
      OpenSpool spool(config(copy()));
      const auto lake = spool->open_cursor("lake", Start::latest);
      const auto wallboard = spool->open_cursor("wallboard", Start::latest);
      spool->start();
      for (const auto cursor : {lake, wallboard}) {
        const auto found = spool.read_all(cursor);
        EXPECT_TRUE(std::ranges::is_sorted(found) && (found.empty() || found.front() >= 0));
        lost = events - found.size();
        EXPECT_EQ(spool.dropped(cursor, DropReason::corrupted), lost) << "counted for the sink";
      }
      spool.flush();
    }
    check_gaps(lost);
    return lost;
  }

  static void check_gaps(std::uint64_t lost) {
    const auto store = open_store(copy(), BatchStore::Access::read_only);
    std::uint64_t told = 0;
    for (const auto& [number, gap] : store->gaps()) {
      if (gap.reason != GapReason::corrupted) continue;
      told += gap.events;
      const auto after = gap.after.value - Sequence::first_of(1).value;  // the number of the event, or -1
      const auto before = gap.before.value - Sequence::first_of(1).value;
      if (gap.after >= Sequence::first_of(1)) {
        EXPECT_EQ(gap.begin, numbered_event(after)->received_at());
      }
      if (before < events) {
        EXPECT_EQ(gap.end, numbered_event(before)->received_at());
      }
    }
    EXPECT_EQ(told, lost) << "in gaps";
  }

  static std::vector<fs::path> files(std::string_view kind) {
    auto found = files_of(whole());
    std::erase_if(found, [kind](const fs::path& file) {
      const std::string name = file.filename().string();
      return !name.starts_with(kind) && !name.ends_with(kind);
    });
    return found;
  }

  static void empty(const fs::path& file) { write_file(file, ""); }
  static void remove(const fs::path& file) { fs::remove(file); }
  static void flip_a_bit(const fs::path& file) {
    std::string bytes = read_file(file);
    bytes[bytes.size() / 2] ^= 4;
    write_file(file, bytes);
  }

  static inline test::TemporaryDirectory* directory_ = nullptr;
};

TEST_F(SalvagedSpool, WithoutItsListOfFilesHasEverything) {
  for (const auto& file : {files("CURRENT").at(0), files("MANIFEST").at(0)}) {
    SCOPED_TRACE(file);
    EXPECT_EQ(lost_after(file, empty), 0U);
    EXPECT_EQ(lost_after(file, remove), 0U);
    EXPECT_EQ(lost_after(file, flip_a_bit), 0U);
  }
}

TEST_F(SalvagedSpool, LosesNothingByAFlippedBitInALog) {
  for (const auto& log : files(".log")) {
    SCOPED_TRACE(log);
    EXPECT_EQ(lost_after(log, flip_a_bit), 0U);
  }
}

TEST_F(SalvagedSpool, LosesNothingByAFlippedBitInItsNotes) {
  for (const auto& table : files(".sst")) {
    if (!content_of(whole() / table).batches.empty()) continue;
    SCOPED_TRACE(table);
    EXPECT_EQ(lost_after(table, flip_a_bit), 0U);
    EXPECT_EQ(lost_after(table, remove), 0U);
  }
}

TEST_F(SalvagedSpool, LosesWhatStoodInATableThatIsGone) {
  for (const auto& table : files(".sst")) {
    if (content_of(whole() / table).batches.empty()) continue;
    SCOPED_TRACE(table);
    const auto lost = lost_after(table, remove);
    EXPECT_LT(lost, events / 2);
  }
}

}  // namespace
}  // namespace pbxbridge::spool
