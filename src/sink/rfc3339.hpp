#pragma once

#include "pbxbridge/system_time.hpp"

#include <chrono>
#include <string>

namespace pbxbridge::sink {

/// Returns whether RFC 3339 can express it: years 0000 to 9999.
bool is_rfc3339_time(std::chrono::sys_seconds time);

/// `2025-11-24T16:01:08Z`
std::string rfc3339(std::chrono::sys_seconds time);
void append_rfc3339(std::string& out, std::chrono::sys_seconds time);
/// `2025-11-24T16:01:08.123456789Z`
std::string rfc3339(SystemTime time);
void append_rfc3339(std::string& out, SystemTime time);

}  // namespace pbxbridge::sink
