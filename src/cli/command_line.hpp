#pragma once

#include "pbxbridge/sink_type.hpp"

#include <span>

namespace pbxbridge::cli {

/// With these types of sinks, does what the command line asks for and returns the exit code of the process.
int run_command_line(int argc, const char* const* argv, std::span<const SinkType> types);

}  // namespace pbxbridge::cli
