#pragma once

#include "pbxbridge/error.hpp"

#include <string_view>

namespace rocksdb {
class Status;
}  // namespace rocksdb

namespace pbxbridge::spool {

/// Of an `errno`.
StorageCause cause_of(int error);
/// Of what RocksDB answers. What the system has refused is that, whatever RocksDB has made of it; `damage` and
/// `missing` only where nothing was refused.
StorageCause cause_of(const rocksdb::Status& status);

Error system_error(std::string_view what, int error);
Error storage_error(std::string_view what, const rocksdb::Status& status);

/// What is there is not what was written: a part is damaged or missing.
inline bool is_damage(StorageCause cause) { return cause == StorageCause::damage || cause == StorageCause::missing; }
/// What is there cannot be read, for good, or for as long as what is between it and us is disturbed.
inline bool is_unreadable(StorageCause cause) { return is_damage(cause) || cause == StorageCause::device; }

}  // namespace pbxbridge::spool
