#pragma once

#include "config/route_config.hpp"

#include <string>

namespace pbxbridge::status {

/// A route's `match` in one line: `family: extension, queue; not event_type: *_presence`. Of a field that may hold a
/// number it says only how many values it may have.
std::string match_text(const config::MatchConfig& match);

}  // namespace pbxbridge::status
