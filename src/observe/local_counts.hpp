#pragma once

#include "observe/instruments.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace pbxbridge::observe {

/// A count that one thread adds to for each event: the registry's own are atomics, and a few of them cost an event more
/// than parsing it. It reaches the registry when that is about to be read.
class LocalCount {
 public:
  void add(std::uint64_t number = 1) { number_ += number; }
  void publish(Counter counter) {
    if (number_ > 0) counter.add(static_cast<double>(std::exchange(number_, 0)));
  }

 private:
  std::uint64_t number_ = 0;
};

/// The same for a histogram of the same bounds.
class LocalTimes {
 public:
  explicit LocalTimes(std::span<const double> bounds) : bounds_(bounds), counts_(bounds.size() + 1) {}

  void add(double seconds) {
    const auto bucket = std::ranges::find_if(bounds_, [seconds](double bound) { return seconds <= bound; });
    ++counts_[static_cast<std::size_t>(bucket - bounds_.begin())];
    sum_ += seconds;
    is_empty_ = false;
  }
  void publish(Histogram histogram) {
    if (std::exchange(is_empty_, true)) return;
    histogram.add(counts_, std::exchange(sum_, 0));
    std::ranges::fill(counts_, 0);
  }

 private:
  std::span<const double> bounds_;
  std::vector<double> counts_;
  double sum_ = 0;
  bool is_empty_ = true;
};

}  // namespace pbxbridge::observe
