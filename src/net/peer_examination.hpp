#pragma once

#include "net/stream.hpp"
#include "pbxbridge/examination.hpp"

namespace pbxbridge::net {

/// Looks a peer up, connects to it by TCP, makes the TLS handshake where it uses TLS, and hangs up; one finding a step.
/// Each step takes `connect_timeout` at the most. Returns whether the peer was reached. Blocks its thread.
bool examine_peer(const StreamSettings& peer, Findings& findings);

}  // namespace pbxbridge::net
