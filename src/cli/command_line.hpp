#pragma once

namespace pbxbridge::cli {

/// Does what the command line asks for and returns the exit code of the process.
int run_command_line(int argc, const char* const* argv);

}  // namespace pbxbridge::cli
