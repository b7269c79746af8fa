#pragma once

#include "pbxbridge/config/node.hpp"

#include <string>

namespace pbxbridge::explain {

/// The JSON that a YAML value stands for, so that JSON pasted into YAML is the same JSON: quoted scalars are strings;
/// plain ones that JSON would read as a number, a boolean or null are that, with their own digits.
std::string json_of(const config::Node& node);

}  // namespace pbxbridge::explain
