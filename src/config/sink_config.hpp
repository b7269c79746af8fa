#pragma once

#include "config/backoff_config.hpp"
#include "config/route_config.hpp"
#include "config/spool_config.hpp"
#include "pbxbridge/config/schema.hpp"
#include "pbxbridge/sink_type.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace pbxbridge::config {

struct SinkConfig {
  std::string type;
  std::shared_ptr<const SinkSettings> settings;  ///< made by the sink type of that name, never null after loading
  std::uint32_t window = 0;                      ///< deliveries in flight at the most; 0: what the sink type advises
  // Short enough that traffic flows again within 10 s of a broker's return.
  BackoffConfig reconnect{Duration{500}, Duration{5'000}};
  BackoffConfig retry{Duration{100}, Duration{5'000}};
  BackoffConfig auth_retry{Duration{30'000}, Duration{300'000}};
  StartAt start = StartAt::latest;
  std::optional<DestinationConfig> dead_letters_to;
  Location location;
  /// The fields common to every sink.
  static const Schema<SinkConfig>& schema();
};

/// Reads the common fields only; which others there are depends on the type.
template <>
struct Reader<SinkConfig> {
  static TypeDescription describe() { return {TypeDescription::Kind::object, {}, &schema_of<SinkConfig>}; }
  static void read(const Node& node, SinkConfig& value, const FieldContext& reading);
  static std::string to_yaml(const SinkConfig&) { return ""; }
};

}  // namespace pbxbridge::config
