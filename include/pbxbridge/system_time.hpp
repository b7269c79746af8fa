#pragma once

// A file of its own, so that what knows a time need not know events.

#include <chrono>

namespace pbxbridge {

/// Time of day, UTC.
using SystemTime = std::chrono::sys_time<std::chrono::nanoseconds>;

/// Present time since 1970-01-01 UTC, as brokers and tokens count it.
inline std::chrono::milliseconds present_milliseconds() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch());
}

}  // namespace pbxbridge
