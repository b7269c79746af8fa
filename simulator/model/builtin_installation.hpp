#pragma once

#include <string>

namespace pbxbridge::sim {

/// The installation that is there without a file, as YAML: something to begin one's own with.
const std::string& builtin_installation();

}  // namespace pbxbridge::sim
