#pragma once

#include "pbxbridge/config/location.hpp"
#include "pbxbridge/config/values.hpp"
#include "pbxbridge/delivery.hpp"

#include <string>
#include <vector>

namespace pbxbridge::config {

/// One line of a `match`: the field's value must be like one of the patterns (`*` and `?` are wildcards).
struct MatchCondition {
  std::string field;  ///< pbx, family, event_type, tenant, entity, or a top-level field of the payload
  std::vector<std::string> patterns;
  Location location;
};

/// All conditions must hold, and `none_of`, where present, must not hold as a whole.
struct MatchConfig {
  std::vector<MatchCondition> conditions;
  std::vector<MatchCondition> none_of;  ///< the map under `not`: excluded is what meets all of them
};

struct DestinationConfig {
  Located<std::string> sink;
  Located<std::string> topic;
  Located<std::string> key;
  Located<std::string> fallback_topic;  ///< used where `topic` cannot be made from an event; a fixed text
  DeliveryOptions options;
  static const Schema<DestinationConfig>& schema();
};

struct RouteConfig {
  MatchConfig match;
  std::vector<DestinationConfig> to;  ///< one or a list in YAML
  Location location;
  static const Schema<RouteConfig>& schema();
};

}  // namespace pbxbridge::config
