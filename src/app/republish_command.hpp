#pragma once

#include <string_view>

namespace pbxbridge::app {

/// Command on the control socket of a running process: to send again what brokers keep. It is answered as a command
/// for dead letters is, by the number of documents of the state.
inline constexpr std::string_view republish_line = "republish";

}  // namespace pbxbridge::app
