#pragma once

#include "observe/log.hpp"
#include "pbxbridge/config/location.hpp"

#include <filesystem>

namespace pbxbridge::app {

/// A line for each problem: an error as `process.configuration_rejected`, a warning as `process.configuration_warning`.
void log_problems(observe::Log& log, const std::filesystem::path& file, config::Report report);

}  // namespace pbxbridge::app
