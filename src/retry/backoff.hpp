#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <random>
#include <utility>

namespace pbxbridge::retry {

/// Uniform in [0, 1).
using Random = std::function<double()>;

inline Random system_random() {
  return [engine = std::mt19937_64(std::random_device{}())]() mutable {
    return std::uniform_real_distribution<double>(0, 1)(engine);
  };
}

/// Exponential back-off with full jitter: the n-th delay is uniform between nothing and initial * 2^(n-1), at most
/// `maximum`, so that many clients of one peer do not come back all at once. Pure; the randomness is passed in.
class Backoff {
 public:
  using Duration = std::chrono::milliseconds;

  Backoff(Duration initial, Duration maximum, Random random)
      : initial_(initial), maximum_(maximum), random_(std::move(random)) {}

  /// The delay before the next attempt.
  Duration next() { return delay(++failures_); }
  void reset() { failures_ = 0; }

  /// The delay after so many failures in a row (1 the first time), apart from this object's own count.
  Duration delay(unsigned failures) {
    const unsigned doublings = std::min(failures - 1, 30U);
    const double ceiling = std::min(static_cast<double>(initial_.count()) * static_cast<double>(1U << doublings),
                                    static_cast<double>(maximum_.count()));
    return Duration(static_cast<Duration::rep>(ceiling * random_()));
  }

 private:
  Duration initial_;
  Duration maximum_;
  Random random_;
  unsigned failures_ = 0;
};

}  // namespace pbxbridge::retry
