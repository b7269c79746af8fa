#pragma once

#include "spool/log/segment_index.hpp"
#include "spool/store/batch_store.hpp"

#include <rocksdb/db.h>

#include <memory>
#include <string_view>
#include <vector>

namespace pbxbridge::spool {

inline std::string_view view(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

/// That does not push what writers need out of the cache.
std::unique_ptr<rocksdb::Iterator> new_iterator(rocksdb::DB& database, rocksdb::ColumnFamilyHandle* family);

/// Events behind `position`; an error where they cannot be read now and may be later. What cannot be read is left out
/// and told: one record, or where a whole block is damaged, up to the next batch that can be read.
Result<BatchStore::Chunk> read_batches(rocksdb::DB& database, rocksdb::ColumnFamilyHandle* batches, SpoolId spool_id,
                                       Sequence position, std::size_t max_bytes);

struct ScannedBatches {
  std::vector<Segment> batches;  ///< one for each
  std::vector<Damage> damages;
  bool at_end = false;
};
/// The same, without keeping the events.
Result<ScannedBatches> scan_batches(rocksdb::DB& database, rocksdb::ColumnFamilyHandle* batches, SpoolId spool_id,
                                    Sequence position, std::size_t max_bytes);

}  // namespace pbxbridge::spool
