#pragma once

#include "pbxbridge/error.hpp"

#include <rocksdb/db.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pbxbridge::spool {

/// An open RocksDB with our column families. Alone in knowing its options and its files.
struct Database {
  std::unique_ptr<rocksdb::DB> rocksdb;
  std::vector<rocksdb::ColumnFamilyHandle*> families;

  Database() = default;
  ~Database();
  Database(Database&&) = default;
  Database& operator=(Database&&) = delete;

  rocksdb::ColumnFamilyHandle* batches() const { return families[0]; }
  rocksdb::ColumnFamilyHandle* meta() const { return families[1]; }
  rocksdb::ColumnFamilyHandle* letters() const { return families[2]; }
};

/// Opens for writing; makes one where there is none. One that is damaged is salvaged (store_salvage.hpp).
Result<Database> open_database(const std::filesystem::path& spool_directory);
/// Salvages a damaged store that opens, but cannot be read, and opens it. It must not be open.
Result<Database> open_salvaged_database(const std::filesystem::path& spool_directory, const std::string& wrong);
/// Opens alongside a process that writes; changes nothing.
Result<Database> open_database_read_only(const std::filesystem::path& spool_directory);
/// A part of that store that only a later format has. It changes nothing.
std::optional<std::string> unknown_family(const std::filesystem::path& directory);
/// A new one, in a directory of that name.
Result<Database> create_database(const std::filesystem::path& directory);
/// One that `create_database` has made.
Result<Database> open_store_database(const std::filesystem::path& directory);

inline std::filesystem::path store_directory(const std::filesystem::path& spool_directory) {
  return spool_directory / "store";
}

}  // namespace pbxbridge::spool
