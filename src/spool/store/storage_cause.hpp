#pragma once

#include "pbxbridge/error.hpp"

#include <string_view>

namespace rocksdb {
class Status;
}  // namespace rocksdb

namespace pbxbridge::spool {

/// Returns the cause of an `errno`.
StorageCause cause_of(int error);
/// Returns the cause of a RocksDB status. An error of the system stays one, whatever RocksDB has made of it; `damage`
/// and `missing` only where there was none.
StorageCause cause_of(const rocksdb::Status& status);

Error system_error(std::string_view what, int error);
Error storage_error(std::string_view what, const rocksdb::Status& status);

/// Means that the content is not what was written: a part is damaged or missing.
inline bool is_damage(StorageCause cause) { return cause == StorageCause::damage || cause == StorageCause::missing; }
/// Means that the system lacks or denies what it may give later: writing is tried again until it does.
inline bool is_shortage(StorageCause cause) {
  return cause == StorageCause::full || cause == StorageCause::file_size || cause == StorageCause::descriptors ||
         cause == StorageCause::memory;
}
/// Means that the content cannot be read, for good or for as long as a disturbance lasts.
inline bool is_unreadable(StorageCause cause) { return is_damage(cause) || cause == StorageCause::device; }

}  // namespace pbxbridge::spool
