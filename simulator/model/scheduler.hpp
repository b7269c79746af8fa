#pragma once

#include "simulator/model/model_time.hpp"

#include <cstddef>
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

  void at(Time time, Step step) {
    if (free_places_.empty()) {
      free_places_.push_back(steps_.size());
      steps_.emplace_back();
    }
    const auto place = free_places_.back();
    free_places_.pop_back();
    steps_[place] = std::move(step);
    order_.push({time, ++last_number_, place});
  }

  std::optional<Time> next_due() const { return order_.empty() ? std::nullopt : std::optional(order_.top().time); }

  /// Takes the next step out; there must be one. It is not run yet, for it may plan others.
  Step take() {
    const auto place = order_.top().place;
    order_.pop();
    free_places_.push_back(place);
    return std::exchange(steps_[place], nullptr);
  }

 private:
  struct Planned {
    Time time;
    std::uint64_t number;
    std::size_t place;  ///< of the step

    bool operator<(const Planned& other) const { return std::pair(other.time, other.number) < std::pair(time, number); }
  };

  std::priority_queue<Planned> order_;  // small, for its elements move whenever one comes or goes
  std::vector<Step> steps_;
  std::vector<std::size_t> free_places_;
  std::uint64_t last_number_ = 0;
};

}  // namespace pbxbridge::sim
