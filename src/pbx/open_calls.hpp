#pragma once

#include <functional>
#include <set>
#include <string>

namespace pbxbridge::pbx {

/// The calls that a PBX lists as open, by their session ids as events have them.
using OpenCalls = std::set<std::string, std::less<>>;

}  // namespace pbxbridge::pbx
