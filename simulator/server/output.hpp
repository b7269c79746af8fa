#pragma once

#include <cstdio>
#include <string_view>

namespace pbxbridge::sim {

/// Prints a whole line on standard output at once: people and tests wait for it.
inline void print_line(std::string_view line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fputc('\n', stdout);
  std::fflush(stdout);
}

}  // namespace pbxbridge::sim
