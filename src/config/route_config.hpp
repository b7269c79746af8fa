#pragma once

#include "pbxbridge/config/location.hpp"
#include "pbxbridge/config/node.hpp"
#include "pbxbridge/config/schema.hpp"
#include "pbxbridge/config/values.hpp"

#include <optional>
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
  std::optional<Node> node;             ///< for the fields that the type of its sink reads
  static const Schema<DestinationConfig>& schema();
};

/// Reads the common fields only; which others there are depends on the type of the sink.
template <>
struct Reader<DestinationConfig> {
  static TypeDescription describe() { return {TypeDescription::Kind::object, {}, &schema_of<DestinationConfig>}; }
  static void read(const Node& node, DestinationConfig& value, const FieldContext& reading);
  static std::string to_yaml(const DestinationConfig&) { return ""; }
};

struct RouteConfig {
  MatchConfig match;
  std::vector<DestinationConfig> to;  ///< one or a list in YAML
  Location location;
  static const Schema<RouteConfig>& schema();
};

}  // namespace pbxbridge::config
