#pragma once

#include "app/configuration.hpp"
#include "config/config.hpp"
#include "derive/home_assistant/devices.hpp"
#include "pbxbridge/sink_type.hpp"
#include "route/router.hpp"

#include <optional>
#include <set>
#include <span>
#include <string>

namespace pbxbridge::app {

/// Adds the route of the messages that announce devices, where `home_assistant` asks for some and its sink can keep
/// them. Else that is reported. Before the routes are compiled.
void add_home_assistant_route(config::Config& config, std::span<const SinkType> types, config::Report& report);

/// Adds routes that take back what was announced at these sinks and is not wanted there any more, where the
/// configuration has the sink; and compiles the routes again. The configuration has no errors.
void add_home_assistant_removals(Configuration& configuration, const std::set<std::string>& sinks);

/// Returns what is announced, and the topics on which the routes put what it shows. Reports, at its place, what keeps
/// Home Assistant from reading it. `config` and its routes have no errors.
std::optional<derive::home_assistant::Installation> home_assistant_installation(const config::Config& config,
                                                                                const route::Router& router,
                                                                                std::span<const SinkType> types,
                                                                                config::Report& report);

}  // namespace pbxbridge::app
