#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

namespace pbxbridge::status {

/// Keeps counts that only grow, as seen about once a second, for a while: how fast they grew lately, and where a
/// histogram has most of its values. Pure: the time is passed in.
class RecentCounts {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Counts noted longer ago than `kept` are forgotten.
  explicit RecentCounts(std::chrono::seconds kept) : kept_(kept) {}

  /// Takes the same number of counts each time. One that is lower than before has begun again: the past is forgotten.
  void note(Time now, std::vector<double> counts);

  /// Growth of the sum of all counts, a second, over the last `span` or as much of it as is known. 0 while nothing is.
  double per_second(std::chrono::seconds span) const;

  /// Growth of each count over that time.
  std::vector<double> growth(std::chrono::seconds span) const;

 private:
  struct Sample {
    Time at;
    std::vector<double> counts;
  };
  const Sample* base(std::chrono::seconds span) const;

  std::chrono::seconds kept_;
  std::deque<Sample> samples_;
};

/// The value that `share` (0 to 1) of the values do not exceed, as Prometheus reckons it: `counts` of the buckets, the
/// one without a bound last, and within a bucket evenly spread. The highest bound where it lies beyond; nothing where
/// there is no value.
std::optional<double> quantile(double share, std::span<const double> bounds, std::span<const double> counts);

}  // namespace pbxbridge::status
