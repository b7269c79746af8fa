#pragma once

namespace pbxbridge::sim {

// Subcommands of pbxbridge-sim about recordings. Each takes its own name and what follows it on the command line, and
// returns the exit code. They throw std::exception for what ends them early.

/// `record`: writes down a session with a real PBX.
int run_record(int argument_count, const char* const* arguments);

/// `sanitise`: makes a recording fit to be given away.
int run_sanitise(int argument_count, const char* const* arguments);

}  // namespace pbxbridge::sim
