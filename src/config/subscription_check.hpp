#pragma once

#include "config/pbx_config.hpp"
#include "pbxbridge/config/location.hpp"

namespace pbxbridge::config {

/// Checks that each entry has the lists its topic takes. An unknown topic is a warning: it is sent all the same, for
/// other versions of the PBX may have it.
void check_subscriptions(const PbxConfig& pbx, Report& report);

}  // namespace pbxbridge::config
