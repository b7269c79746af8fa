#pragma once

#include "spool/batch_store.hpp"
#include "spool/store_database.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace pbxbridge::spool {

/// What a store holds as it is opened: what its own entries say, and behind the last that they say, what its batches
/// do.
struct StoreContents {
  SpoolId id;
  Sequence removed;  ///< the newest that is not read again
  CursorPositions cursors;
  StreamMarks streams;
  UnconfirmedBySink unconfirmed;
  HeldBackBySink held_back;
  SegmentIndex segments;
  std::vector<Segment> not_stored;  ///< closed, but the life that closed them did not get to write so
  std::vector<Damage> damages;      ///< found now, or by an earlier process that did not get to tell it
};

/// Refuses a format newer than ours, and another id than the earlier one; where there is none, that one or a new one.
/// After a repair, the segments are made anew from the batches, and holes are told.
Result<StoreContents> load_contents(const Database& database, std::optional<SpoolId> earlier_id);

/// The last that was given; 0: none.
Result<std::uint32_t> last_start_epoch(const Database& database);

}  // namespace pbxbridge::spool
