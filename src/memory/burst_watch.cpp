#include "memory/burst_watch.hpp"

#include <algorithm>
#include <fstream>
#include <malloc.h>
#include <unistd.h>
#include <utility>

namespace pbxbridge::memory {

namespace {

constexpr std::uint64_t worth_giving_back = 16 * 1024 * 1024;
/// So little is done while nobody minds a pause of some tens of milliseconds.
constexpr std::uint64_t quiet_events = 10'000;

}  // namespace

bool BurstWatch::is_over(std::uint64_t resident_bytes, std::uint64_t work) {
  const std::uint64_t done = work - std::exchange(work_, work);
  least_ = std::min(least_, resident_bytes);
  return done < quiet_events && resident_bytes - least_ >= worth_giving_back;
}

std::uint64_t resident_bytes() {
  std::uint64_t all_pages = 0;
  std::uint64_t resident_pages = 0;
  std::ifstream("/proc/self/statm") >> all_pages >> resident_pages;
  return resident_pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

void give_back_freed_memory() { malloc_trim(0); }

}  // namespace pbxbridge::memory
