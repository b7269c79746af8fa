// A damaged store of many events, seen by its sinks.

#include "damaged_copy.hpp"
#include "numbered_events.hpp"
#include "open_spool.hpp"
#include "pbxbridge/event.hpp"
#include "spool/store/batch_store.hpp"
#include "store_writer.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace pbxbridge::spool {
namespace {

namespace fs = std::filesystem;

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
    if (!blocks_of(whole() / table).empty()) continue;
    SCOPED_TRACE(table);
    EXPECT_EQ(lost_after(table, flip_a_bit), 0U);
    EXPECT_EQ(lost_after(table, remove), 0U);
  }
}

TEST_F(SalvagedSpool, LosesWhatStoodInATableThatIsGone) {
  for (const auto& table : files(".sst")) {
    if (blocks_of(whole() / table).empty()) continue;
    SCOPED_TRACE(table);
    const auto lost = lost_after(table, remove);
    EXPECT_LT(lost, events / 2);
  }
}

}  // namespace
}  // namespace pbxbridge::spool
