#pragma once

#include "status/snapshot.hpp"

#include <string>

namespace pbxbridge::status {

/// Version of the shape below; raised when a field goes or changes its meaning, not when one is added.
inline constexpr int json_version = 1;

/// The snapshot with its verdict as one JSON object, as docs/schemas/status.schema.json describes it. Times in RFC 3339
/// with milliseconds, in UTC.
std::string to_json(const Snapshot& snapshot);

}  // namespace pbxbridge::status
