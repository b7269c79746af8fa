#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pbxbridge::mqtt {

/// The bytes of "40 02 00 01".
inline std::string hex(std::string_view text) {
  std::string bytes;
  for (std::size_t at = 0; at < text.size(); at += 3)
    bytes += static_cast<char>(std::stoi(std::string(text.substr(at, 2)), nullptr, 16));
  return bytes;
}

/// "40 02 00 01", so that a failed test can be read.
inline std::string to_hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string text;
  for (const char each : bytes) {
    const auto byte = static_cast<std::uint8_t>(each);
    if (!text.empty()) text += ' ';
    text += digits[byte >> 4];
    text += digits[byte & 0x0F];
  }
  return text;
}

}  // namespace pbxbridge::mqtt
