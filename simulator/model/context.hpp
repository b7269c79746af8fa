#pragma once

#include "simulator/model/announcer.hpp"
#include "simulator/model/day.hpp"
#include "simulator/model/random.hpp"
#include "simulator/model/scheduler.hpp"
#include "simulator/model/world.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::sim {

/// State that all parts of the model share.
struct Context {
  World& world;
  Random random;
  Day day;
  Time now;
  Announcer announcer;
  Scheduler scheduler;
  std::optional<double> set_activity;   ///< by command, in place of the day's
  std::vector<Queue*> queues_to_serve;  ///< in which a caller or an agent has become ready in this step

  double activity() const { return set_activity.value_or(day.activity(now)); }

  void after(Duration wait, Scheduler::Step step) { scheduler.at(now + wait, std::move(step)); }

  void serve_soon(Queue& queue) {
    if (std::ranges::find(queues_to_serve, &queue) == queues_to_serve.end()) queues_to_serve.push_back(&queue);
  }
};

}  // namespace pbxbridge::sim
