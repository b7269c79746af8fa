#pragma once

// A file of its own, so that what knows a time need not know events.

#include <chrono>

namespace pbxbridge {

/// Time of day, UTC.
using SystemTime = std::chrono::sys_time<std::chrono::nanoseconds>;

}  // namespace pbxbridge
