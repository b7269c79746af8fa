#include "spool/gaps/moment.hpp"

#include <charconv>
#include <ctime>
#include <fstream>
#include <string>

namespace pbxbridge::spool {

namespace {

/// The kernel's random UUID of this start; its first digits are as random as the rest.
std::uint64_t read_boot() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string digits;
  for (char digit = 0; digits.size() < 16 && file.get(digit);)
    if (digit != '-') digits += digit;
  std::uint64_t boot = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), boot, 16);
  return boot;
}

std::uint64_t this_boot() {
  static const std::uint64_t boot = read_boot();
  return boot;
}

}  // namespace

Moment present_moment() { return present_moment_at(std::chrono::system_clock::now()); }

Moment present_moment_at(SystemTime wall) {
  struct timespec now {};
  if (::clock_gettime(CLOCK_BOOTTIME, &now) != 0) return {.wall = wall};
  return {.wall = wall,
          .since_boot = std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec),
          .boot = this_boot()};
}

std::optional<std::chrono::nanoseconds> measured(const Moment& begin, const Moment& end) {
  if (begin.boot == 0 || begin.boot != end.boot) return std::nullopt;
  return end.since_boot - begin.since_boot;
}

}  // namespace pbxbridge::spool
