#pragma once

#include <string_view>

namespace pbxbridge::url {

/// Returns whether data sent to this host stays on the machine: a loopback address (without brackets), or `localhost`
/// and names under it (RFC 6761).
bool is_loopback(std::string_view host);

}  // namespace pbxbridge::url
