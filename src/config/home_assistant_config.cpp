#include "config/home_assistant_config.hpp"

#include "pbxbridge/config/names.hpp"

#include <fmt/format.h>

#include <utility>

namespace pbxbridge::config {

namespace {

/// One level of a topic: a device is taken back by an event that names its prefix, and data adds no level to a topic.
std::string wrong_prefix(std::string_view text) {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
  if (text.empty() || text.find_first_not_of(allowed) != std::string_view::npos)
    return "expected one level of a topic, of letters, digits, \"_\", \"-\" and \".\"";
  return {};
}

/// `prefix`: part of the topic.
RouteConfig route_to(const Located<std::string>& sink, const std::string& prefix) {
  const Location place = sink.location;
  Node options(Node::Kind::map, place);
  const auto set = [&](std::string_view field, std::string_view text) {
    options.append(std::string(field), place, Node::scalar(std::string(text), place, false, true));
  };
  set("retain", "true");
  set("format", "raw");
  RouteConfig route;
  route.match.conditions.push_back({"event_type", {std::string(home_assistant_event_type)}, place});
  DestinationConfig& destination = route.to.emplace_back();
  destination.sink = sink;
  destination.topic = {prefix + "/device/{entity}/config", place};
  destination.key = {"{entity}", place};
  destination.node = std::move(options);
  return route;
}

}  // namespace

const Schema<HomeAssistantConfig>& HomeAssistantConfig::schema() {
  static const auto schema =
      Schema<HomeAssistantConfig>(
          "Devices for Home Assistant, 2024.11 or later: each extension, queue and pbxbridge itself. They are "
          "announced "
          "by retained messages on an MQTT sink, and read the state topics that the routes make there.")
          .field("sink", &HomeAssistantConfig::sink,
                 {.text = "The MQTT sink whose broker Home Assistant reads.",
                  .example = "board",
                  .required = true,
                  .validate = check_name})
          .field("prefix", &HomeAssistantConfig::prefix,
                 {.text = "Home Assistant's discovery prefix.", .validate = wrong_prefix})
          .field("pbx", &HomeAssistantConfig::pbx,
                 {.text = "Name of the PBX whose extensions and queues they are; needed where there are several.",
                  .example = "hq",
                  .validate = check_name})
          .field("extensions", &HomeAssistantConfig::extensions,
                 {.text = "Numbers of extensions.", .example = "[\"101\", \"102\"]", .validate = check_not_empty})
          .field("queues", &HomeAssistantConfig::queues,
                 {.text = "Numbers of queues.", .example = "[\"8001\"]", .validate = check_not_empty});
  return schema;
}

void Reader<HomeAssistantConfig>::read(const Node& node, HomeAssistantConfig& value, const FieldContext& reading) {
  value.location = node.location();
  HomeAssistantConfig::schema().read(node, value, reading.report);
}

RouteConfig home_assistant_route(const HomeAssistantConfig& config) {
  RouteConfig route = route_to(config.sink, fmt::format("{{{}|{}}}", home_assistant_prefix_field, config.prefix));
  route.location = config.location;
  return route;
}

RouteConfig home_assistant_removal_route(const std::string& sink) {
  RouteConfig route = route_to({sink, {}}, fmt::format("{{{}}}", home_assistant_prefix_field));
  route.match.conditions.push_back({std::string(home_assistant_sink_field), {sink}, {}});
  return route;
}

}  // namespace pbxbridge::config
