#pragma once

#include "simulator/model/topic.hpp"
#include "simulator/model/world.hpp"

#include <compare>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::sim {

/// Fields of an event that decide who gets it. A field that the event lacks is empty and excludes nobody.
struct EventFacts {
  std::string event_type;
  Family family = Family::unknown;
  std::string tenant_id;
  std::vector<std::string> extensions;  ///< numbers
  std::vector<std::string> queues;      ///< numbers

  auto operator<=>(const EventFacts&) const = default;  // NOLINT(modernize-use-nullptr): it compares with 0
};

/// Reads the facts from a frame that somebody else wrote. Never fails: what is not a JSON object with an `event_type`
/// is of the unknown family.
EventFacts facts_of(std::string_view frame, const World& world, Dialect dialect);

}  // namespace pbxbridge::sim
