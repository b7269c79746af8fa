#pragma once

#include "pbxbridge/error.hpp"

#include <rocksdb/db.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace pbxbridge::spool {

/// An open RocksDB with our column families, and how it came to be open. Alone in knowing its options and its files.
struct Database {
  std::unique_ptr<rocksdb::DB> rocksdb;
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  /// Where a damaged store was mended: what was wrong and where the copy is, for the operator. Empty: it was sound.
  std::string repair;

  Database() = default;
  ~Database();
  Database(Database&&) = default;
  Database& operator=(Database&&) = delete;

  rocksdb::ColumnFamilyHandle* batches() const { return families[0]; }
  rocksdb::ColumnFamilyHandle* meta() const { return families[1]; }
  rocksdb::ColumnFamilyHandle* letters() const { return families[2]; }
};

/// Where the files of a spool's store are.
std::filesystem::path store_directory(const std::filesystem::path& spool_directory);

/// Opens for writing. A store that does not open because it is damaged is copied to `quarantine/` beside it and then
/// mended as far as it can be; where nothing can be saved, a new one is begun.
/// `repair` is told again until the mending mark is cleared; the opening mark is for the caller to clear.
Result<Database> open_database(const std::filesystem::path& spool_directory);
/// Makes a damaged store that opens, but cannot be read, anew of those of its files that can; the copy comes first.
Result<Database> rebuild_database(const std::filesystem::path& spool_directory, const std::string& wrong);
/// Opens beside a process that writes; mends nothing.
Result<Database> open_database_read_only(const std::filesystem::path& spool_directory);

/// Of an attempt to open: damage, as opposed to a full disk, missing rights, a lock or a lack of descriptors.
bool is_damage(const rocksdb::Status& status);
/// Of an attempt to read: what is there cannot be read, now or later.
bool is_unreadable(const rocksdb::Status& status);
/// The disk refuses to read (EIO): for good, or for as long as what is between it and us is disturbed.
bool is_disk_error(const rocksdb::Status& status);

Error storage_error(std::string_view what, const rocksdb::Status& status);

}  // namespace pbxbridge::spool
