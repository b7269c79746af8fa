#pragma once

// The entries of the family `meta`, and how keys are put together.

#include "pbxbridge/event_id.hpp"
#include "spool/log/record.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace pbxbridge::spool {

/// Version of the format on the disk; a newer one is rejected.
inline constexpr std::uint64_t format_version = 2;

}  // namespace pbxbridge::spool

namespace pbxbridge::spool::store_key {

inline constexpr const char* format = "format";
inline constexpr const char* id = "id";
inline constexpr const char* start_epoch = "start_epoch";
inline constexpr const char* removed = "removed";  // the last sequence that is not read again
inline constexpr const char* synced = "synced";
inline constexpr const char* salvaged = "salvaged";  // that it was, until the sinks' cursors are written again
inline constexpr std::string_view cursor_prefix = "cursor/";
inline constexpr std::string_view segment_prefix = "segment/";
inline constexpr std::string_view gap_prefix = "gap/";
inline constexpr std::string_view redrive_prefix = "redrive/";
inline constexpr std::string_view stream_prefix = "stream/";
inline constexpr std::string_view damage_prefix = "damage/";               // not recorded as a gap yet
inline constexpr std::string_view unacknowledged_prefix = "unconfirmed/";  // then the sink
inline constexpr std::string_view deferred_prefix = "held_back/";          // likewise

inline constexpr std::string_view row_prefix = "state/";  // rows of the tables that state is derived from
/// The start epoch that went on with these rows. Another one was an older program's, which left them behind its events.
/// With a slash, by which a salvage knows the entries of this family.
inline constexpr const char* rows_epoch = "start_epoch/state";

inline constexpr std::string_view removed_sink_prefix = "removed_sink/";  // likewise: since when

inline std::string number(std::uint64_t number) { return encode_key(Sequence{number}); }

inline std::string join(std::string_view prefix, std::string_view rest) { return std::string(prefix).append(rest); }

/// Key of a sink's letters and marks; sink names have no NUL.
inline std::string of_sink(std::string_view prefix, std::string_view sink) {
  return join(prefix, sink) + std::string(1, '\0');
}

}  // namespace pbxbridge::spool::store_key
