#pragma once

#include <cstdint>

namespace pbxbridge::test {

/// A TCP port of 127.0.0.1 that nobody listens on. Before it is used another process may take it.
std::uint16_t free_port();

/// Says whether somebody listens on it.
bool is_listening(std::uint16_t port);

}  // namespace pbxbridge::test
