#pragma once

#include "config/route_config.hpp"
#include "pbxbridge/config/location.hpp"
#include "pbxbridge/config/schema.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::config {

/// Devices that Home Assistant is to find by itself: https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery.
struct HomeAssistantConfig {
  Located<std::string> sink;
  std::string prefix = "homeassistant";
  Located<std::string> pbx;  ///< empty: the only one
  std::vector<Located<std::string>> extensions;
  std::vector<Located<std::string>> queues;
  Location location;
  static const Schema<HomeAssistantConfig>& schema();
};

template <>
struct Reader<HomeAssistantConfig> {
  static TypeDescription describe() { return {TypeDescription::Kind::object, {}, &schema_of<HomeAssistantConfig>}; }
  static void read(const Node& node, HomeAssistantConfig& value, const FieldContext& reading);
  static std::string to_yaml(const HomeAssistantConfig&) { return ""; }
};

/// Type of the events that say what Home Assistant is to find, each about one device, by whose id it is told apart.
inline constexpr std::string_view home_assistant_event_type = "bridge_home_assistant";
/// Field of an event that takes a device back: the prefix under which it was announced, which may be another by now.
inline constexpr std::string_view home_assistant_prefix_field = "prefix";

/// Field of the same: the sink at which it was announced.
inline constexpr std::string_view home_assistant_sink_field = "sink";

/// The route of these events, as if it stood in the file.
RouteConfig home_assistant_route(const HomeAssistantConfig& config);
/// The route of those that take back what was announced at another sink, or without a `home_assistant` now.
RouteConfig home_assistant_removal_route(const std::string& sink);

}  // namespace pbxbridge::config
