#pragma once

#include <chrono>
#include <cstdint>

namespace pbxbridge::sim {

inline constexpr double max_rate = 1e9;       ///< events a second
inline constexpr double max_speed = 100'000;  ///< of the model's clock

/// Counts the events that are due at a given rate. What could not be sent in time stays due and is caught up with.
class Pace {
 public:
  using Clock = std::chrono::steady_clock;

  /// Starts counting at `now`; 0: nothing is ever due.
  void set_rate(double events_a_second, Clock::time_point now) {
    rate_ = events_a_second;
    since_ = now;
    sent_ = 0;
  }

  std::uint64_t due(Clock::time_point now) const {
    const auto planned = static_cast<std::uint64_t>(std::chrono::duration<double>(now - since_).count() * rate_);
    return planned > sent_ ? planned - sent_ : 0;
  }

  void sent() { ++sent_; }
  bool stopped() const { return rate_ <= 0; }
  double rate() const { return rate_; }

 private:
  double rate_ = 0;
  Clock::time_point since_{};
  std::uint64_t sent_ = 0;
};

}  // namespace pbxbridge::sim
