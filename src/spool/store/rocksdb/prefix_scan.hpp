#pragma once

#include "spool/store/rocksdb/store_reading.hpp"

#include <rocksdb/db.h>

#include <string>
#include <string_view>

namespace pbxbridge::spool {

/// Calls `each(rest of the key, value)` for the entries with the prefix, behind `after`, until it returns false. Not
/// ok: what cannot be read has ended it; of families that were read whole when they were opened, it may be ignored.
template <class Each>
rocksdb::Status scan_prefix(rocksdb::DB& database, rocksdb::ColumnFamilyHandle* family, std::string_view prefix,
                            std::string_view after, Each each) {
  const auto iterator = new_iterator(database, family);
  const rocksdb::Slice start(prefix.data(), prefix.size());
  for (iterator->Seek(std::string(prefix).append(after)); iterator->Valid() && iterator->key().starts_with(start);
       iterator->Next()) {
    const auto rest = view(iterator->key()).substr(prefix.size());
    if (!after.empty() && rest == after) continue;
    if (!each(rest, view(iterator->value()))) break;
  }
  return iterator->status();
}

}  // namespace pbxbridge::spool
