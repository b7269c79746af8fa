#include "spool/log/reception_clock.hpp"

#include <algorithm>

namespace pbxbridge::spool {

namespace {

using std::chrono::nanoseconds;

/// Drift of a clock that is corrected bit by bit, without being taken for set.
constexpr nanoseconds tolerance = std::chrono::milliseconds(50);
constexpr std::size_t most_settings = 64;

}  // namespace

void ReceptionClock::note(SystemTime wall, Steady steady) {
  const nanoseconds ahead = wall.time_since_epoch() - steady.time_since_epoch();
  const bool is_first = settings_.empty();
  if (is_first || std::chrono::abs(ahead - settings_.back().ahead) > tolerance) {
    settings_.push_back({is_first ? steady : steady_, ahead});
    if (settings_.size() > most_settings) settings_.pop_front();
  }
  wall_ = wall;
  steady_ = steady;
}

std::chrono::nanoseconds ReceptionClock::age(SystemTime received) const {
  for (auto setting = settings_.rbegin(); setting != settings_.rend(); ++setting) {
    const Steady at{received.time_since_epoch() - setting->ahead};
    if (at < setting->since - tolerance || at > steady_ + tolerance) continue;
    const bool is_present = setting == settings_.rbegin();
    return std::max<nanoseconds>(is_present ? wall_ - received : steady_ - at, nanoseconds::zero());
  }
  return std::max<nanoseconds>(wall_ - received, nanoseconds::zero());
}

}  // namespace pbxbridge::spool
