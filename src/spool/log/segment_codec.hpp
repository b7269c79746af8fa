#pragma once

// Form of a closed segment on disk: its key is its first sequence, its value u64 last sequence, u64 bytes, i64
// oldest and i64 newest (ns since 1970). Little-endian but for the key.

#include "spool/log/segment_index.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::spool {

std::string encode_segment(const Segment& segment);
/// Returns nothing where the bytes are damaged.
std::optional<Segment> decode_segment(std::string_view key, std::string_view value);

}  // namespace pbxbridge::spool
