#include "simulator/model/model.hpp"

#include <algorithm>

namespace pbxbridge::sim {

Model::Model(World& world, std::uint64_t seed, Time start, Dialect dialect, Day day)
    : context_{world, Random(seed), day, start, Announcer(dialect), {}, {}, {}},
      phones_(context_),
      queues_(context_, phones_, calls_),
      calls_(context_, phones_, queues_, records_, seed),
      traffic_(context_, calls_),
      staff_(context_, phones_),
      trunks_(context_),
      management_(context_, phones_, calls_),
      orders_(context_, phones_, calls_, management_, trunks_) {
  for (auto& tenant : world.tenants)
    for (auto& queue : tenant.queues)
      for (auto& agent : queue->agents) agent.since = start;
}

std::optional<Event> Model::next(Time until) {
  while (context_.announcer.empty()) {
    const auto due = context_.scheduler.next_due();
    if (!due || *due > until) {
      if (until != forever) context_.now = std::max(context_.now, until);
      return std::nullopt;
    }
    context_.now = *due;
    context_.scheduler.take()();
    queues_.serve();
  }
  return context_.announcer.take();
}

std::optional<Event> Model::next_of_this_moment() {
  if (context_.announcer.empty()) return std::nullopt;
  return context_.announcer.take();
}

Time Model::next_due() const { return context_.scheduler.next_due().value_or(forever); }

std::string Model::execute(std::string_view order) {
  auto error = orders_.execute(order);
  queues_.serve();
  return error;
}

}  // namespace pbxbridge::sim
