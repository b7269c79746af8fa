#pragma once

#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>

namespace pbxbridge::cli {

struct TerminalSize {
  std::size_t columns = 0;
  std::size_t rows = 0;
};

/// Returns the size that a window has now. `unknown` where `file` is no terminal, or one that does not say.
inline TerminalSize terminal_size(int file, TerminalSize unknown) {
  winsize size{};
  if (::ioctl(file, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return unknown;
  return {size.ws_col, size.ws_row};
}

/// Returns whether what is written to `file` may hold colours: a terminal that shows them, and nobody has asked for
/// none (https://no-color.org).
inline bool shows_colour(int file) {
  const char* const no_colour = std::getenv("NO_COLOR");
  const char* const terminal = std::getenv("TERM");
  if (no_colour != nullptr && *no_colour != '\0') return false;
  return ::isatty(file) == 1 && terminal != nullptr && std::string_view(terminal) != "dumb";
}

/// Parameters of the sequence "Select Graphic Rendition" of ECMA-48.
enum class Colour : unsigned char { plain = 0, red = 31, green = 32, yellow = 33 };

inline std::string coloured(std::string_view text, Colour colour) {
  return "\x1b[" + std::to_string(static_cast<unsigned>(colour)) + "m" + std::string(text) + "\x1b[0m";
}

}  // namespace pbxbridge::cli
