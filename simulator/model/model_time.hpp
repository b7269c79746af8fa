#pragma once

#include <chrono>
#include <cstdint>

namespace pbxbridge::sim {

/// Time of the model, which passes as fast as whoever drives it wants.
using Time = std::chrono::sys_time<std::chrono::milliseconds>;
using Duration = std::chrono::milliseconds;

/// Converts a time to the form that the events of the PBX have.
inline std::int64_t unix_seconds(Time time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

/// Difference of two times as a reader of their whole seconds sees it, so that durations add up on the wire.
inline std::int64_t seconds_between(Time begin, Time end) { return unix_seconds(end) - unix_seconds(begin); }

inline Time time_of_seconds(std::int64_t unix_seconds) { return Time(std::chrono::seconds(unix_seconds)); }

}  // namespace pbxbridge::sim
