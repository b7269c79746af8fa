#pragma once

// On its own: records and OAuth tokens both count so.

#include <chrono>

namespace pbxbridge::sink {

/// Present time since 1970-01-01 UTC, as brokers and tokens count it.
inline std::chrono::milliseconds present_milliseconds() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch());
}

}  // namespace pbxbridge::sink
