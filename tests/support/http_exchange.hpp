#pragma once

#include <string>

namespace pbxbridge::test {

/// Sends `request` to a port of 127.0.0.1 and returns all that comes back until the other side closes; empty where
/// nothing does.
std::string http_exchange(const std::string& port, const std::string& request);

}  // namespace pbxbridge::test
