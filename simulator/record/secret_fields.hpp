#pragma once

#include <string>

namespace pbxbridge::sim {

/// Stands in the place of a secret.
inline constexpr const char* secret_mask = "***";

/// Masks the value of each field that by its name is a token or a password, such as one that a PBX gives out. Leaves
/// everything else as it is; `message` need not be JSON.
std::string without_secret_fields(std::string message);

}  // namespace pbxbridge::sim
