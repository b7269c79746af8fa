#pragma once

#include "pbxbridge/config/location.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pbxbridge::route {

/// A condition of a route that keeps an event out, for people.
struct UnmetCondition {
  std::string field;
  std::vector<std::string> patterns;
  std::optional<std::string> found;  ///< text of the field; nothing where the event lacks it
  bool is_excluded = false;          ///< stands under `not`, where all conditions are met
  config::Location location;
};

}  // namespace pbxbridge::route
