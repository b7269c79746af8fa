#pragma once

#include "pbxbridge/event_id.hpp"
#include "spool/log/segment_index.hpp"
#include "spool/store/batch_store.hpp"

#include <rocksdb/db.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::spool {

inline std::string_view view(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

/// Makes an iterator that does not push what writers need out of the cache.
std::unique_ptr<rocksdb::Iterator> new_iterator(rocksdb::DB& database, rocksdb::ColumnFamilyHandle* family);

/// Events after `position`; an error where they cannot be read now and may be later. What cannot be read is left out
/// and told: one record, or where a whole block is damaged, up to the next batch that can be read.
Result<BatchStore::Chunk> read_batches(rocksdb::DB& database, rocksdb::ColumnFamilyHandle* batches, SpoolId spool_id,
                                       Sequence position, std::size_t max_bytes);

/// The same for all of them, without keeping the events: calls `each` for each batch. Returns what cannot be read.
Result<std::vector<Damage>> scan_batches(rocksdb::DB& database, rocksdb::ColumnFamilyHandle* batches, SpoolId spool_id,
                                         Sequence position, const std::function<void(const Segment&)>& each);

/// Calls `each(rest of the key, value)` for the entries with the prefix, later than `after`, until it returns false.
/// Not ok: what cannot be read has ended it; of families that were read whole when they were opened, it may be ignored.
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
