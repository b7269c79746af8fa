#include "spool/store_database.hpp"

#include "spool/file_mark.hpp"
#include "spool/prefilled_log.hpp"
#include "spool/table_probe.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <rocksdb/env.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <chrono>
#include <cstdarg>
#include <set>
#include <system_error>
#include <utility>

namespace pbxbridge::spool {

namespace {

namespace fs = std::filesystem;

using Families = std::vector<rocksdb::ColumnFamilyDescriptor>;

constexpr std::uint64_t mebibyte = 1024 * 1024;

/// RocksDB's own log would be one more file to rotate, and renamed by each who reads beside us; what matters comes back
/// as a status.
class NoLog final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

rocksdb::DBOptions database_options() {
  // Never destroyed: RocksDB's own threads may still be using it while the process ends.
  static rocksdb::Env* const env = rocksdb::NewCompositeEnv(file_system_with_prefilled_logs()).release();
  rocksdb::DBOptions options;
  options.env = env;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  // RocksDB's default would drop everything behind one flipped bit without a word; this one forgives a torn tail only.
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

/// RocksDB makes a new store beside the files of one that has lost its CURRENT.
bool has_lost_its_head(const fs::path& directory) {
  std::error_code ignored;
  if (fs::exists(directory / "CURRENT", ignored)) return false;
  for (const auto& entry : fs::directory_iterator(directory, ignored)) {
    const std::string extension = entry.path().extension().string();
    if (extension == ".sst" || extension == ".log") return true;
  }
  return false;
}

/// Each opening makes a log before it removes the one before, so tables without a log have lost it. RocksDB would take
/// it for an empty one.
bool has_lost_its_log(const fs::path& directory) {
  std::error_code ignored;
  bool has_tables = false;
  for (const auto& entry : fs::directory_iterator(directory, ignored)) {
    if (entry.path().extension() == ".log") return false;
    has_tables = has_tables || entry.path().extension() == ".sst";
  }
  return has_tables;
}

bool is_missing_file(const rocksdb::Status& status) {
  return status.IsIOError() && (status.subcode() == rocksdb::Status::SubCode::kPathNotFound ||
                                status.ToString().find("No such file") != std::string::npos);
}

/// Rights are for the owner: calls and numbers of people are in these files, whatever the directory above allows.
std::error_code make_private_directory(const fs::path& directory) {
  std::error_code failed;
  fs::create_directories(directory, failed);
  if (!failed) fs::permissions(directory, fs::perms::owner_all, failed);
  return failed;
}

/// Files that RocksDB never writes again are linked rather than copied.
std::error_code copy_to(const fs::path& from, const fs::path& to) {
  std::error_code failed = make_private_directory(to);
  if (failed) return failed;
  for (const auto& entry : fs::directory_iterator(from, failed)) {
    const fs::path target = to / entry.path().filename();
    if (entry.path().extension() == ".sst") fs::create_hard_link(entry.path(), target, failed);
    if (entry.path().extension() != ".sst" || failed) fs::copy_file(entry.path(), target, failed);
    if (failed) return failed;
  }
  return failed;
}

fs::path quarantine_directory(const fs::path& spool_directory) {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const std::string name = fmt::format("{:%Y%m%dT%H%M%SZ}", now);
  fs::path directory = spool_directory / "quarantine" / name;
  for (int copy = 2; fs::exists(directory); ++copy)
    directory = spool_directory / "quarantine" / fmt::format("{}-{}", name, copy);
  return directory;
}

/// A copy holds on to the space of its tables, so there are few.
void keep_newest_copies(const fs::path& spool_directory) {
  constexpr std::size_t kept = 2;
  std::set<fs::path> copies;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(spool_directory / "quarantine", ignored)) copies.insert(entry.path());
  while (copies.size() > kept) fs::remove_all(copies.extract(copies.begin()).value(), ignored);
}

enum class Mending : std::uint8_t { skip_damage, rebuild };

/// Ends with what is damaged only: a full disk or a lack of descriptors must not cost what is sound.
rocksdb::Status try_to_mend(const fs::path& directory, Mending mending, Database& database) {
  auto options = database_options();
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kSkipAnyCorruptedRecords;
  options.track_and_verify_wals_in_manifest = false;
  if (mending == Mending::skip_damage && !has_lost_its_head(directory)) {
    auto status = try_open(options, directory, database);
    if (!is_damage(status)) return status;
  }
  // Only what is listed in none of its files is lost by this.
  auto status = rocksdb::RepairDB(directory.string(), options, families());
  if (status.ok()) status = try_open(options, directory, database);
  if (!is_damage(status)) return status;
  std::error_code ignored;
  fs::remove_all(directory, ignored);
  database.repair += "; nothing of it could be read, a new one was begun";
  return try_open(options, directory, database);
}

/// `deadly`: tables that must not be opened, and are left in the copy alone.
Result<Database> mend(const fs::path& spool_directory, const std::string& wrong, Mending mending = Mending::skip_damage,
                      const std::vector<fs::path>& deadly = {}) {
  const fs::path directory = store_directory(spool_directory);
  const fs::path quarantine = quarantine_directory(spool_directory);
  std::error_code ignored;
  if (const auto failed = copy_to(directory, quarantine)) {
    fs::remove_all(quarantine, ignored);
    return Error{ErrorCategory::storage,
                 fmt::format("the spool in {} is damaged ({}), and it cannot be copied to {}: {}", directory.string(),
                             wrong, quarantine.string(), failed.message())};
  }
  Database database;
  database.repair = fmt::format("{}; a copy as it was is in {}", wrong, quarantine.string());
  if (auto marked = mending_mark(spool_directory).set(database.repair); !marked) {
    fs::remove_all(quarantine, ignored);
    return marked.error();
  }
  for (const auto& table : deadly) fs::remove(table, ignored);
  if (const auto status = try_to_mend(directory, mending, database); !status.ok()) {
    // As it was, for the next attempt.
    fs::remove_all(directory, ignored);
    fs::rename(quarantine, directory, ignored);
    mending_mark(spool_directory).clear();
    return storage_error(
        fmt::format("the spool in {} is damaged ({}), and it cannot be mended now", directory.string(), wrong), status);
  }
  keep_newest_copies(spool_directory);
  return database;
}

/// What a later format has added is no damage.
Result<void> refuse_unknown_families(const fs::path& directory) {
  std::vector<std::string> names;
  if (!rocksdb::DB::ListColumnFamilies(database_options(), directory.string(), &names).ok()) return {};
  const auto known = families();
  for (const auto& name : names)
    if (std::none_of(known.begin(), known.end(), [&name](const auto& family) { return family.name == name; }))
      return Error{
          ErrorCategory::storage,
          fmt::format("the spool was written by a newer pbxbridge: this one does not know its part '{}'", name)};
  return {};
}

}  // namespace

fs::path store_directory(const fs::path& spool_directory) { return spool_directory / "store"; }

bool is_damage(const rocksdb::Status& status) {
  return status.IsCorruption() || status.IsInvalidArgument() || status.IsNotFound() || is_missing_file(status);
}

bool is_disk_error(const rocksdb::Status& status) {
  return status.IsIOError() && status.ToString().find("Input/output error") != std::string::npos;
}

bool is_unreadable(const rocksdb::Status& status) { return is_damage(status) || is_disk_error(status); }

Database::~Database() {
  if (rocksdb == nullptr) return;
  for (auto* family : families) rocksdb->DestroyColumnFamilyHandle(family);
}

Error storage_error(std::string_view what, const rocksdb::Status& status) {
  return {ErrorCategory::storage, fmt::format("{}: {}", what, status.ToString())};
}

Result<Database> open_database(const fs::path& spool_directory) {
  const fs::path directory = store_directory(spool_directory);
  if (const auto failed = make_private_directory(directory))
    return Error{ErrorCategory::storage,
                 fmt::format("cannot make the directory {}: {}", directory.string(), failed.message())};
  const FileMark opening = opening_mark(spool_directory);
  const bool has_died = !opening.text().empty();
  // Where it cannot be set, a process that dies of the store does so again.
  static_cast<void>(opening.set("a process opens the store"));
  if (const auto deadly = has_died ? deadly_tables(directory) : std::vector<fs::path>(); !deadly.empty())
    return mend(spool_directory,
                fmt::format("its table {} ends the process that opens it", deadly.front().filename().string()),
                Mending::skip_damage, deadly);
  if (has_lost_its_head(directory)) return mend(spool_directory, "its file CURRENT is missing");
  if (has_lost_its_log(directory)) return mend(spool_directory, "its log with the newest events is missing");
  if (auto known = refuse_unknown_families(directory); !known) return known.error();
  Database database;
  const auto status = try_open(database_options(), directory, database);
  // Where a process has ended while it mended, or right after.
  database.repair = mending_mark(spool_directory).text();
  if (status.ok()) return database;
  if (is_damage(status)) return mend(spool_directory, status.ToString());
  return storage_error(fmt::format("cannot open the spool in {}", directory.string()), status);
}

Result<Database> rebuild_database(const fs::path& spool_directory, const std::string& wrong) {
  return mend(spool_directory, wrong, Mending::rebuild);
}

Result<Database> open_database_read_only(const fs::path& spool_directory) {
  const fs::path directory = store_directory(spool_directory);
  std::error_code ignored;
  if (!fs::exists(directory / "CURRENT", ignored))
    return Error{ErrorCategory::storage, fmt::format("there is no spool in {}", spool_directory.string())};
  Database database;
  rocksdb::Status status;
  // Whoever writes may remove a file between its being listed and being opened, or be ahead of the list of the logs.
  for (int attempt = 0; attempt < 20; ++attempt) {
    rocksdb::DB* opened = nullptr;
    status =
        rocksdb::DB::OpenForReadOnly(database_options(), directory.string(), families(), &database.families, &opened);
    database.rocksdb.reset(opened);
    if (!is_damage(status)) break;
  }
  if (!status.ok()) return storage_error(fmt::format("cannot read the spool in {}", directory.string()), status);
  return database;
}

}  // namespace pbxbridge::spool
