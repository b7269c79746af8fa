#pragma once

#include "simulator/model/model_time.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>

namespace pbxbridge::sim {

/// Everything that the model leaves to chance. The same seed gives the same numbers on every platform, which the
/// distributions of the standard library do not.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  /// Number from 0 to `end` - 1; `end` is at least 1.
  std::size_t below(std::size_t end) { return engine_() % end; }

  bool chance(unsigned percent) { return below(100) < percent; }

  /// Number from 0 to 1, never 1.
  double fraction() {
    constexpr double two_to_the_53 = 9007199254740992.0;
    return static_cast<double>(engine_() >> 11) / two_to_the_53;
  }

  Duration between(Duration shortest, Duration longest) {
    return shortest +
           Duration(static_cast<std::int64_t>(below(static_cast<std::size_t>((longest - shortest).count()) + 1)));
  }

  /// Time to the next of things that happen independently of each other, on average every `mean`. A mean of nothing
  /// counts as a millisecond: the model's clock must go on.
  Duration until_next(Duration mean) {
    const auto milliseconds = static_cast<double>(std::max(mean, Duration(1)).count());
    return Duration(static_cast<std::int64_t>(-std::log(1 - fraction()) * milliseconds));
  }

  template <class List>
  auto& one_of(List& list) {
    return list[below(std::size(list))];
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace pbxbridge::sim
