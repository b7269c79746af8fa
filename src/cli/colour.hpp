#pragma once

#include <cstdlib>
#include <string>
#include <string_view>
#include <unistd.h>

namespace pbxbridge::cli {

/// Returns whether what is written to `file` may hold colours: a terminal that shows them, and nobody has asked for
/// none (https://no-color.org).
inline bool shows_colour(int file) {
  const char* const no_colour = std::getenv("NO_COLOR");
  const char* const terminal = std::getenv("TERM");
  if (no_colour != nullptr && *no_colour != '\0') return false;
  return ::isatty(file) == 1 && terminal != nullptr && std::string_view(terminal) != "dumb";
}

/// Parameters of the sequence "Select Graphic Rendition" of ECMA-48.
enum class Colour : unsigned char { plain = 0, bold = 1, faint = 2, red = 31, green = 32, yellow = 33 };

inline std::string coloured(std::string_view text, Colour colour) {
  return "\x1b[" + std::to_string(static_cast<unsigned>(colour)) + "m" + std::string(text) + "\x1b[0m";
}

}  // namespace pbxbridge::cli
