#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace pbxbridge::tap {

using Time = std::chrono::steady_clock::time_point;

/// Grants a number each second, and at most that many at once. Pure: the time is passed in, and never runs backwards.
class Allowance {
 public:
  explicit Allowance(double per_second) : per_second_(per_second), left_(per_second) {}

  /// Takes one, where one is left.
  bool take(Time now) {
    refill(now);
    if (left_ < 1) return false;
    left_ -= 1;
    return true;
  }
  bool has_any(Time now) {
    refill(now);
    return left_ > 0;
  }
  /// More than is left is owed, and nothing is left until that is made up for.
  void spend(double amount) { left_ -= amount; }

 private:
  void refill(Time now) {
    if (refilled_ != Time())
      left_ = std::min(per_second_, left_ + per_second_ * std::chrono::duration<double>(now - refilled_).count());
    refilled_ = now;
  }

  const double per_second_;
  double left_;
  Time refilled_;
};

/// Events and lines that someone who listens was not shown.
struct LeftOut {
  std::uint64_t over_rate = 0;        ///< events that were wanted, above the rate
  std::uint64_t not_looked_at = 0;    ///< events, for want of the time that all taps together may take
  std::uint64_t reader_too_slow = 0;  ///< lines that the reader did not take in time

  bool any() const { return over_rate + not_looked_at + reader_too_slow > 0; }
};

}  // namespace pbxbridge::tap
