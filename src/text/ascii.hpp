#pragma once

namespace pbxbridge::text {

/// One of 0 to 9, whatever the locale.
constexpr bool is_digit(char character) { return character >= '0' && character <= '9'; }

}  // namespace pbxbridge::text
