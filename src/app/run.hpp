#pragma once

#include "app/plugins.hpp"

#include <filesystem>

namespace pbxbridge::app {

/// Exit codes of the process (sysexits.h has all but the first two).
enum ExitCode : int {
  exit_ok = 0,
  exit_failure = 1,
  exit_usage = 64,
  exit_unavailable = 69,  ///< something that the configuration names was not reached, or rejected what it is needed for
  exit_storage = 74,
  exit_configuration = 78
};

struct RunOptions {
  bool watch = false;  ///< reload when the configuration's file changes, or one that it names
};

/// Runs the bridge until SIGTERM or SIGINT and returns the exit code. SIGHUP opens files again and reads the
/// configuration again. A second SIGTERM or SIGINT ends the process at once.
int run(const std::filesystem::path& configuration_file, Plugins& plugins, const RunOptions& options);

}  // namespace pbxbridge::app
