#pragma once

#include "pbxbridge/config/location.hpp"

namespace pbxbridge::config {
struct Config;
}

namespace pbxbridge::route {

/// Compares the events that the subscriptions bring with those that the routes take. Warns of routes that no event can
/// match, of events that no route takes, and of fields in templates that no event of the route has. `config` has no
/// errors. A PBX may send what nobody has documented, so all of these are warnings.
void check_coverage(const config::Config& config, config::Report& report);

}  // namespace pbxbridge::route
