#pragma once

#include "simulator/model/model_time.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <utility>
#include <vector>

namespace pbxbridge::sim {

/// The steps that the model is to take, earliest first; those due at the same time are taken in the order in which they
/// were planned.
class Scheduler {
 public:
  using Step = std::function<void()>;

  void at(Time time, Step step) { steps_.push({time, ++last_number_, std::move(step)}); }

  std::optional<Time> next_due() const { return steps_.empty() ? std::nullopt : std::optional(steps_.top().time); }

  /// Takes the next step out; there must be one. It is not run yet, for it may plan others.
  Step take() {
    auto step = std::move(const_cast<Planned&>(steps_.top()).step);  // moved out of what is removed at once
    steps_.pop();
    return step;
  }

 private:
  struct Planned {
    Time time;
    std::uint64_t number;
    Step step;

    bool operator<(const Planned& other) const { return std::pair(other.time, other.number) < std::pair(time, number); }
  };

  std::priority_queue<Planned> steps_;
  std::uint64_t last_number_ = 0;
};

}  // namespace pbxbridge::sim
