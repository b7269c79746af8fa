#pragma once

#include "pbxbridge/event_id.hpp"
#include "spool/store/batch_store.hpp"
#include "spool/store/epoch_log.hpp"
#include "spool/store/rocksdb/store_database.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::spool {

/// Content of a store as it is opened: what its own entries say, and after the last of them, what its batches
/// do.
struct StoreContents {
  SpoolId id;
  Sequence removed;  ///< the newest that is not read again
  CursorPositions cursors;
  SubscribedUntilByPbx streams;
  UnacknowledgedBySink unacknowledged;
  DeferredBySink deferred;
  RemovedSinks removed_sinks;
  SegmentIndex segments;
  std::vector<Segment> not_stored;  ///< closed, but the life that closed them did not get to write so
  std::vector<Damage> damages;      ///< found now, or by an earlier process that did not get to tell it
  std::string salvaged;  ///< the store was made of a damaged one, and cursors may be lost: what is to be told
};

/// Rejects a format newer than ours, and another id than the earlier one; where there is none, that one or a new one.
/// `known`: what the store should hold.
Result<StoreContents> load_contents(const Database& database, const KnownEpochs& known,
                                    std::optional<SpoolId> earlier_id = std::nullopt);

/// Returns the gaps with their numbers.
std::vector<std::pair<std::uint64_t, Gap>> load_gaps(const Database& database);

/// The rows of the tables.
Result<std::vector<TableRow>> load_tables(const Database& database);

/// The start epoch that has gone on with these rows; 0: none.
Result<std::uint32_t> load_rows_epoch(const Database& database);

/// The last that was given; 0: none.
Result<std::uint32_t> last_start_epoch(const Database& database);

}  // namespace pbxbridge::spool
