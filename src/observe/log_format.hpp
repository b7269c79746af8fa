#pragma once

#include "observe/log.hpp"

#include <chrono>
#include <string>

namespace pbxbridge::observe {

/// One line without its line break. All texts pass through `text::log_text`, so that no secret is shown, and no peer
/// can forge a line or move an operator's terminal. `left_out` is how many like it were not written before.
std::string format_line(const LogLine& line, LogFormat format, std::chrono::system_clock::time_point now,
                        std::uint64_t left_out);

/// RFC 3339 in UTC with milliseconds.
std::string format_time(std::chrono::system_clock::time_point time);

}  // namespace pbxbridge::observe
