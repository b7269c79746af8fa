#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <random>
#include <utility>

namespace pbxbridge::retry {

/// A number in [0, 1); injected, so that tests know what it yields.
using Random = std::function<double()>;

inline double random_fraction() {
  thread_local std::mt19937_64 generator{std::random_device{}()};
  return std::uniform_real_distribution<double>{0.0, 1.0}(generator);
}

/// Computes how long to wait before the next attempt: exponential back-off with full jitter. The delay is uniform
/// between `initial` and a ceiling that doubles with each attempt, from twice `initial` to `maximum`. Full jitter,
/// because after an outage everyone comes back at once; the floor, because a rejected account must not be tried again
/// at once by chance.
class Backoff {
 public:
  using Duration = std::chrono::milliseconds;

  Backoff(Duration initial, Duration maximum, Random random = random_fraction)
      : initial_(initial), maximum_(std::max(initial, maximum)), random_(std::move(random)) {}

  /// The delay before the next attempt.
  Duration next() { return delay(++failures_); }

  /// The next delay is short again.
  void reset() { failures_ = 0; }

  /// The delay after so many failures in a row, from 1; for a caller that counts by itself.
  Duration delay(unsigned failures) const {
    Duration ceiling = initial_;
    for (unsigned i = 0; i < failures && ceiling < maximum_; ++i)
      ceiling = ceiling > maximum_ / 2 ? maximum_ : ceiling * 2;
    const double span = static_cast<double>((ceiling - initial_).count()) + 1.0;
    return initial_ + std::min(Duration(static_cast<Duration::rep>(random_() * span)), ceiling - initial_);
  }

 private:
  Duration initial_;
  Duration maximum_;
  Random random_;
  unsigned failures_ = 0;
};

}  // namespace pbxbridge::retry
