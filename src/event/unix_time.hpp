#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace pbxbridge::event {

/// UNIX seconds, as the PBX writes them, in any form of a number. Nothing for 0, which it writes for "never", and for
/// what lies beyond the year 9999, such as milliseconds.
std::optional<std::chrono::sys_seconds> unix_time(std::string_view text);

}  // namespace pbxbridge::event
