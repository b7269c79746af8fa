#pragma once

#include "config/schema/node.hpp"

#include <string>
#include <vector>

namespace pbxbridge::app {

/// Lists what differs in `wanted` from the document that the process was started with and is not applied by a
/// reload: `admin.listen`, `sinks.lake.brokers`, `pbx[0].auth`. Never a value, which may be a secret.
std::vector<std::string> not_applied_by_reload(const config::Node& started, const config::Node& wanted);

}  // namespace pbxbridge::app
