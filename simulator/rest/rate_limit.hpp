#pragma once

#include <chrono>
#include <cstdint>

namespace pbxbridge::sim {

/// Limits the requests in each second; 0: as many as come.
class RateLimit {
 public:
  using Clock = std::chrono::steady_clock;

  void set(std::uint32_t requests_a_second) { limit_ = requests_a_second; }

  bool allows(Clock::time_point now) {
    if (limit_ == 0) return true;
    if (now - second_began_ >= std::chrono::seconds(1)) {
      second_began_ = now;
      requests_ = 0;
    }
    return ++requests_ <= limit_;
  }

 private:
  std::uint32_t limit_ = 0;
  std::uint32_t requests_ = 0;
  Clock::time_point second_began_{};
};

}  // namespace pbxbridge::sim
