#pragma once

#include "pbxbridge/system_time.hpp"

#include <chrono>
#include <deque>

namespace pbxbridge::spool {

/// Computes how long ago an event was received. Its time is that of the clock of the day, which may have been set
/// since: remembers how far that clock was ahead of the steady one, and from when on. Of what an earlier process has
/// received, the clock of the day alone tells. Pure.
class ReceptionClock {
 public:
  using Steady = std::chrono::steady_clock::time_point;

  /// Now. To be called often, as a clock that was set is noticed here only.
  void note(SystemTime wall = std::chrono::system_clock::now(), Steady steady = std::chrono::steady_clock::now());
  /// Age at the time of the last `note`, and never below 0.
  std::chrono::nanoseconds age(SystemTime received) const;

 private:
  /// The clock of the day has been that far ahead, to within a little, since then or a little earlier.
  struct Setting {
    Steady since;
    std::chrono::nanoseconds ahead;
  };

  std::deque<Setting> settings_;  // oldest first
  SystemTime wall_{};
  Steady steady_{};
};

}  // namespace pbxbridge::spool
