#pragma once

#include "pbxbridge/system_time.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace pbxbridge::spool {

/// A point in time by two clocks: that of the day, which people read, and which is set now and then; and the kernel's
/// CLOCK_BOOTTIME, which is never set and goes on while the machine sleeps. The latter can be compared over processes
/// until the machine starts again.
struct Moment {
  SystemTime wall{};
  std::chrono::nanoseconds since_boot{0};
  std::uint64_t boot = 0;  ///< names the start of the machine (the kernel's boot_id); 0: not known

  bool operator==(const Moment&) const = default;
};

Moment present_moment();
/// The present one, with the time of day as somebody else has just read it.
Moment present_moment_at(SystemTime wall);

/// Returns how much later `end` is, whatever was done to the clock of the day; negative where it is before. Nothing
/// where the machine has started between the two, or may have.
std::optional<std::chrono::nanoseconds> measured(const Moment& begin, const Moment& end);

}  // namespace pbxbridge::spool
