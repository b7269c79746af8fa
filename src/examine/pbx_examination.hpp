#pragma once

#include "config/pbx_config.hpp"
#include "pbxbridge/examination.hpp"

namespace pbxbridge::examine {

/// Reaches the PBX, signs in with the account and subscribes as the bridge would, then unsubscribes and leaves. Events
/// that come meanwhile are dropped; a running bridge with the same account keeps its own session. Blocks its thread
/// for `connect_timeout` and `subscribe_timeout` at the most, and some seconds.
void examine_pbx(const config::PbxConfig& pbx, Findings& findings);

}  // namespace pbxbridge::examine
