#include "spool/store/rocksdb/store_database.hpp"

#include "spool/salvage/store_salvage.hpp"
#include "spool/store/disk_space.hpp"
#include "spool/store/format_check.hpp"
#include "spool/store/quarantine.hpp"
#include "spool/store/rocksdb/owned_files.hpp"
#include "spool/store/rocksdb/prefilled_log.hpp"
#include "spool/store/rocksdb/store_check.hpp"
#include "spool/store/storage_cause.hpp"

#include <fmt/format.h>
#include <rocksdb/env.h>
#include <rocksdb/metadata.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <cstdarg>
#include <system_error>
#include <utility>

namespace pbxbridge::spool {

namespace {

namespace fs = std::filesystem;

using Families = std::vector<rocksdb::ColumnFamilyDescriptor>;

/// RocksDB's own log would be one more file to rotate, and renamed by each who reads alongside us; what matters comes
/// back as a status.
class NoLog final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

rocksdb::DBOptions database_options() {
  // Never destroyed: RocksDB's own threads may still be using it while the process ends.
  static rocksdb::Env* const env =
      rocksdb::NewCompositeEnv(file_system_with_prefilled_logs(file_system_with_owned_files())).release();
  rocksdb::DBOptions options;
  options.env = env;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  // RocksDB's default would drop everything after one flipped bit without a word; this one forgives a torn tail only.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  // Without it a log that is missing would go unnoticed.
  options.track_and_verify_wals_in_manifest = true;
  options.paranoid_checks = true;
  options.avoid_flush_during_shutdown = true;
  options.max_open_files = 128;
  options.max_total_wal_size = 16 * mebibyte;
  options.bytes_per_sync = mebibyte;
  options.info_log = std::make_shared<NoLog>();
  options.max_background_jobs = 2;
  return options;
}

/// Large values that come in the order of their keys and are read once or not at all: a file that was flushed is moved
/// down as it is, and removed as a whole.
rocksdb::ColumnFamilyOptions batch_options() {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = 2 * mebibyte;
  options.max_write_buffer_number = 3;
  options.level0_file_num_compaction_trigger = 1;
  options.max_bytes_for_level_base = 1024 * 1024 * mebibyte;
  options.target_file_size_base = 16 * mebibyte;
  options.compression = rocksdb::kNoCompression;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(4 * mebibyte);
  table.block_size = 64 * 1024;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

rocksdb::ColumnFamilyOptions small_options() {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = mebibyte;
  options.compression = rocksdb::kNoCompression;
  return options;
}

Families families() {
  return {{rocksdb::kDefaultColumnFamilyName, batch_options()},
          {"meta", small_options()},
          {"dead_letters", small_options()}};
}

rocksdb::Status try_open(const rocksdb::DBOptions& options, const fs::path& directory, Database& database) {
  rocksdb::DB* opened = nullptr;
  auto status = rocksdb::DB::Open(options, directory.string(), families(), &database.families, &opened);
  database.rocksdb.reset(opened);
  return status;
}

/// One of these that the store knows of; empty: none.
std::string live_table(const Database& database, const std::vector<std::string>& tables) {
  if (tables.empty()) return {};
  std::vector<rocksdb::LiveFileMetaData> live;
  database.rocksdb->GetLiveFilesMetaData(&live);
  for (const auto& file : live) {
    std::string name = file.name.substr(file.name.rfind('/') + 1);
    if (std::ranges::find(tables, name) != tables.end()) return name;
  }
  return {};
}

}  // namespace

Database::~Database() {
  if (rocksdb == nullptr) return;
  for (auto* family : families) rocksdb->DestroyColumnFamilyHandle(family);
}

std::optional<std::string> unknown_family(const fs::path& directory) {
  std::vector<std::string> names;
  if (!rocksdb::DB::ListColumnFamilies(database_options(), directory.string(), &names).ok()) return std::nullopt;
  const auto known = families();
  for (const auto& name : names)
    if (std::ranges::find(known, name, &rocksdb::ColumnFamilyDescriptor::name) == known.end()) return name;
  return std::nullopt;
}

Result<Database> create_database(const fs::path& directory) {
  if (const auto failed = make_private_directory(directory))
    return system_error(fmt::format("cannot make the directory {}", directory.string()), failed.value());
  Database database;
  auto options = database_options();
  options.error_if_exists = true;
  if (const auto status = try_open(options, directory, database); !status.ok())
    return storage_error(fmt::format("cannot make a store in {}", directory.string()), status);
  return database;
}

Result<Database> open_store_database(const fs::path& directory) {
  Database database;
  if (const auto status = try_open(database_options(), directory, database); !status.ok())
    return storage_error(fmt::format("cannot open the store in {}", directory.string()), status);
  return database;
}

Result<Database> open_database(const fs::path& spool_directory) {
  const fs::path directory = store_directory(spool_directory);
  if (auto finished = finish_salvage(spool_directory); !finished) return finished.error();
  if (const auto failed = make_private_directory(directory))
    return system_error(fmt::format("cannot make the directory {}", directory.string()), failed.value());
  auto checked = check_store(spool_directory);
  if (!checked) return checked.error();
  if (!checked->damage)
    if (const auto part = unknown_family(directory)) return newer_part(spool_directory, *part);
  auto& damage = checked->damage;
  for (bool salvaged = false;;) {
    if (damage && std::exchange(salvaged, true))
      return Error{.category = ErrorCategory::storage,
                   .text = "the spool was salvaged, and is damaged again: " + damage->reason,
                   .cause = StorageCause::damage};
    if (damage)
      if (auto done = salvage_store(spool_directory, *damage); !done) return done.error();
    damage.reset();
    Database database;
    const auto status = try_open(database_options(), directory, database);
    if (!status.ok() && !is_damage(cause_of(status)))
      return storage_error(fmt::format("cannot open the spool in {}", directory.string()), status);
    if (!status.ok())
      damage = StoreDamage{status.ToString()};
    else if (const auto table = live_table(database, checked->unfinished_tables); !table.empty())
      damage = StoreDamage{fmt::format("its table {} has no end", table)};
    if (!damage) return database;
    checked->unfinished_tables.clear();
  }
}

Result<Database> open_salvaged_database(const fs::path& spool_directory, const std::string& wrong) {
  if (auto done = salvage_store(spool_directory, {wrong}); !done) return done.error();
  return open_database(spool_directory);
}

Result<Database> open_database_read_only(const fs::path& spool_directory) {
  const fs::path directory = store_directory(spool_directory);
  std::error_code ignored;
  if (!fs::exists(directory / "CURRENT", ignored))
    return Error{ErrorCategory::storage, fmt::format("there is no spool in {}", spool_directory.string())};
  if (auto checked = check_noted_format(spool_directory); !checked) return checked.error();
  if (const auto part = unknown_family(directory)) return newer_part(spool_directory, *part);
  Database database;
  rocksdb::Status status;
  // Whoever writes may remove a file between its being listed and being opened, or be ahead of the list of the logs.
  for (int attempt = 0; attempt < 20; ++attempt) {
    const auto checked = check_store(spool_directory);
    if (!checked) return checked.error();
    if (checked->damage) {
      status = rocksdb::Status::Corruption(checked->damage->reason);
      continue;
    }
    rocksdb::DB* opened = nullptr;
    status =
        rocksdb::DB::OpenForReadOnly(database_options(), directory.string(), families(), &database.families, &opened);
    database.rocksdb.reset(opened);
    if (!is_damage(cause_of(status))) break;
  }
  if (!status.ok()) return storage_error(fmt::format("cannot read the spool in {}", directory.string()), status);
  return database;
}

}  // namespace pbxbridge::spool
