#pragma once

#include "config/config.hpp"
#include "pbxbridge/config/node.hpp"

#include <string>
#include <vector>

namespace pbxbridge::app {

/// Says what a reload cannot change at all, as a clause; empty where there is nothing.
std::string restart_reason(const config::Config& running, const config::Config& wanted);

/// Lists what differs in `wanted` from the document that the process was started with and is not applied by a
/// reload: `admin.listen`, `sinks.lake.brokers`, `pbx[0].auth`. Never a value, which may be a secret.
std::vector<std::string> not_applied_by_reload(const config::Node& started, const config::Node& wanted);

}  // namespace pbxbridge::app
