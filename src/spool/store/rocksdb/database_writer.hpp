#pragma once

#include "spool/store/rocksdb/store_database.hpp"

#include <rocksdb/write_batch.h>

#include <optional>
#include <string_view>

namespace pbxbridge::spool {

/// Writes to an open database until a write fails. From then on it answers with that error: after a failed fsync the
/// kernel may have dropped the pages, and the next one would lie. One thread at a time.
class DatabaseWriter {
 public:
  explicit DatabaseWriter(const Database& database) : database_(database) {}

  Result<void> apply(rocksdb::WriteBatch& batch, bool sync);
  /// Something else that writes has failed. Returns the error.
  Result<void> fail(std::string_view what, const rocksdb::Status& status);
  /// The error of the write that failed.
  const std::optional<Error>& broken() const { return broken_; }

 private:
  const Database& database_;
  std::optional<Error> broken_;
};

}  // namespace pbxbridge::spool
