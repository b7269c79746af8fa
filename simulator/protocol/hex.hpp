#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::sim {

/// Writes lower case, two digits a byte.
std::string hex_of_bytes(std::string_view bytes);

/// Returns nothing where these are not pairs of hexadecimal digits.
std::optional<std::string> bytes_of_hex(std::string_view hex);

}  // namespace pbxbridge::sim
