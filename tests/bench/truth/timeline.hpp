#pragma once

#include <cstdint>
#include <vector>

namespace pbxbridge::bench {

/// Arrivals of events, and how long each had been on its way. All times are UNIX microseconds.
class Timeline {
 public:
  /// The first delivery of the event of that number, from 1 on.
  void arrived(std::uint32_t number, std::int64_t time_us);

  std::int64_t first_us() const { return first_us_; }
  std::int64_t last_us() const { return last_us_; }
  double events_a_second() const;  ///< from the first arrival to the last; 0 where that is no time

  /// The longest time between two arrivals, whatever the order in which they were told.
  std::int64_t longest_gap_us() const;

  static constexpr std::int64_t slice_us = 100'000;
  struct Slice {
    std::uint64_t events = 0;
    std::int64_t p99_us = 0;  ///< 99th percentile of the latencies of those that arrived in it
  };
  /// Tenths of a second, the first arrival at the beginning of the first. Without `sent_us` the latencies are 0.
  std::vector<Slice> slices(const std::vector<std::int64_t>& sent_us) const;

  /// Ordered. `sent_us` by number less one.
  std::vector<std::int64_t> latencies_us(const std::vector<std::int64_t>& sent_us) const;

 private:
  struct Arrival {
    std::uint32_t number;
    std::int64_t time_us;
  };
  std::vector<Arrival> arrivals_;
  std::int64_t first_us_ = 0;
  std::int64_t last_us_ = 0;
};

/// The value that a share of them does not exceed; 0 where there is none. `sorted` in ascending order.
std::int64_t percentile(const std::vector<std::int64_t>& sorted, double share);

}  // namespace pbxbridge::bench
