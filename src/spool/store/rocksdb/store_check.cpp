#include "spool/store/rocksdb/store_check.hpp"

#include "spool/salvage/store_files.hpp"
#include "spool/store/epoch_log.hpp"
#include "spool/store/rocksdb/newest_log.hpp"
#include "spool/store/rocksdb/store_database.hpp"
#include "spool/store/storage_cause.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

namespace pbxbridge::spool {

namespace {

namespace fs = std::filesystem;

/// Each opening makes a log before it removes the one before, so that a store always has one. RocksDB would take a lost
/// one for an empty one, and make a new store next to the files of one that has lost its CURRENT.
std::optional<StoreDamage> missing_file(const fs::path& spool_directory, const std::vector<fs::path>& files,
                                        bool has_current) {
  const bool has_log = std::ranges::any_of(files, salvage::is_log);
  const bool was_there = !files.empty() || !EpochLog::read(spool_directory).empty();
  if (!was_there) return std::nullopt;
  if (files.empty()) return StoreDamage{"its files are gone", true};
  if (!has_current) return StoreDamage{"its file CURRENT is missing", !has_log};
  if (!has_log || has_lost_newest_log(store_directory(spool_directory), files))
    return StoreDamage{"its log with the newest events is missing", true};
  return std::nullopt;
}

}  // namespace

Result<CheckedStore> check_store(const fs::path& spool_directory) {
  const fs::path directory = store_directory(spool_directory);
  const auto files = salvage::store_files(directory);
  if (!files) return files.error();
  std::error_code failed;
  const bool has_current = fs::exists(directory / "CURRENT", failed);
  if (failed) return system_error(fmt::format("cannot read {}", directory.string()), failed.value());
  CheckedStore checked{missing_file(spool_directory, *files, has_current), {}};
  for (const auto& file : *files) {
    if (!salvage::is_table(file)) continue;
    const auto frame = salvage::frame_of(file);
    // The process that writes may have removed it.
    if (!frame && frame.error().cause == StorageCause::missing) continue;
    if (!frame) return frame.error();
    if (*frame == salvage::TableFrame::no_footer) checked.unfinished_tables.push_back(file.filename().string());
    if (*frame == salvage::TableFrame::damaged && !checked.damage)
      checked.damage = StoreDamage{fmt::format("its table {} is damaged", file.filename().string())};
  }
  return checked;
}

}  // namespace pbxbridge::spool
