#include "spool/salvage/store_salvage.hpp"

#include "spool/salvage/salvaged_store.hpp"
#include "spool/store/epoch_log.hpp"
#include "spool/store/file_mark.hpp"
#include "spool/store/file_owner.hpp"
#include "spool/store/quarantine.hpp"
#include "spool/store/rocksdb/store_database.hpp"
#include "spool/store/storage_cause.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <string>
#include <system_error>

namespace pbxbridge::spool {

namespace {

namespace fs = std::filesystem;

fs::path new_store(const fs::path& spool_directory) { return spool_directory / "store.salvaged"; }

Result<void> move_to(const fs::path& from, const fs::path& to) {
  if (std::rename(from.c_str(), to.c_str()) == 0) return {};
  const int error = errno;
  return system_error(fmt::format("cannot rename {} to {}", from.string(), to.string()), error);
}

/// Each step is left out where it was taken before.
Result<void> exchange(const fs::path& spool_directory, const std::string& name) {
  const Quarantine quarantine(spool_directory);
  const fs::path copy = quarantine.path_of(name);
  std::error_code unknown;
  if (!fs::exists(copy, unknown)) {
    if (const auto failed = quarantine.make())
      return system_error(fmt::format("cannot make {}", copy.parent_path().string()), failed.value());
    if (auto moved = move_to(store_directory(spool_directory), copy); !moved) return moved;
  }
  if (fs::exists(new_store(spool_directory), unknown))
    if (auto moved = move_to(new_store(spool_directory), store_directory(spool_directory)); !moved) return moved;
  if (!sync_directory(copy.parent_path()) || !sync_directory(spool_directory))
    return system_error(fmt::format("cannot sync {}", spool_directory.string()), errno);
  exchange_mark(spool_directory).clear();
  quarantine.thin_out();
  return {};
}

/// Report for the operator in the copy. Nothing depends on it but how long sound files are kept.
void write_report(const fs::path& directory, const salvage::Salvaged& salvaged) {
  const fs::path report = directory / Quarantine::report_name;
  std::ofstream(report) << salvage::report_of(salvaged);
  give_to_owner_of(directory, report);
}

}  // namespace

Result<void> salvage_store(const fs::path& spool_directory, const StoreDamage& damage) {
  const fs::path directory = store_directory(spool_directory);
  const Quarantine quarantine(spool_directory);
  const std::string name = quarantine.new_name();
  std::error_code ignored;
  fs::remove_all(new_store(spool_directory), ignored);
  const auto salvaged = salvage::make_salvaged_store(
      {.from = directory,
       .to = new_store(spool_directory),
       .known = EpochLog::read(spool_directory),
       .reason = damage.reason,
       .note = fmt::format("{}; a new store was made of all that can be read, the files as they were are in {}",
                           damage.reason, quarantine.path_of(name).string()),
       .newest_log_lost = damage.newest_log_lost});
  if (!salvaged) {
    fs::remove_all(new_store(spool_directory), ignored);
    Error error = salvaged.error();
    error.text = fmt::format("the spool in {} is damaged ({}), and it cannot be salvaged now: {}", directory.string(),
                             damage.reason, error.text);
    return error;
  }
  write_report(directory, *salvaged);
  if (auto marked = exchange_mark(spool_directory).set(name); !marked) return marked;
  return exchange(spool_directory, name);
}

Result<void> finish_salvage(const fs::path& spool_directory) {
  const std::string name = exchange_mark(spool_directory).text();
  if (!name.empty()) return exchange(spool_directory, name);
  std::error_code ignored;
  fs::remove_all(new_store(spool_directory), ignored);
  return {};
}

}  // namespace pbxbridge::spool
