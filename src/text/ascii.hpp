#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace pbxbridge::text {

/// One of 0 to 9, whatever the locale.
constexpr bool is_digit(char character) { return character >= '0' && character <= '9'; }

/// Leaves what is not one of A to Z as it is, whatever the locale.
constexpr char lower_case(char character) {
  return character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a') : character;
}
/// One of A to Z and a to z, likewise.
constexpr bool is_letter(char character) { return lower_case(character) >= 'a' && lower_case(character) <= 'z'; }
inline std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char character) { return lower_case(character); });
  return lower;
}

}  // namespace pbxbridge::text
