#pragma once

#include "pbxbridge/sink_type.hpp"

#include <span>

namespace pbxbridge::cli {

/// Does what the command line asks for, with these types of sinks, and returns the exit code of the process.
int run_command_line(int argc, const char* const* argv, std::span<const SinkType> types);

}  // namespace pbxbridge::cli
