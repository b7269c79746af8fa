#pragma once

#include "simulator/model/event_facts.hpp"

#include <string>

namespace pbxbridge::sim {

/// A push of the PBX to all who are entitled to it.
struct Event {
  EventFacts facts;
  std::string text;  ///< a JSON object
};

}  // namespace pbxbridge::sim
