#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <string>

namespace pbxbridge::sim {

/// `1 client`, `2 clients`.
inline std::string clients_text(std::size_t count) {
  return fmt::format("{} {}", count, count == 1 ? "client" : "clients");
}

}  // namespace pbxbridge::sim
