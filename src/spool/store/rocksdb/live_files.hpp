#pragma once

#include <rocksdb/db.h>

#include <cstdint>
#include <optional>
#include <set>
#include <string>

namespace pbxbridge::spool {

/// The files that an open RocksDB needs: it keeps most of them open and does not notice when somebody removes one. Of
/// one thread.
class LiveFiles {
 public:
  /// The database outlives this object.
  explicit LiveFiles(rocksdb::DB& database) : database_(database) {}

  /// The name of one that is not there any more. A log is missed if it was there at an earlier call.
  std::optional<std::string> missing();

 private:
  std::optional<std::uint64_t> missing_log(const std::set<std::string>& names);

  rocksdb::DB& database_;
  std::set<std::uint64_t> logs_;  // by their numbers, as the last call found them
};

}  // namespace pbxbridge::spool
