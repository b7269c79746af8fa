#pragma once

#include "app/configuration.hpp"
#include "config/sink_sources.hpp"

#include <filesystem>
#include <iosfwd>
#include <optional>

namespace pbxbridge::cli {

/// Returns nothing where there are errors, which are then on `errors`: the exit code is app::exit_configuration.
std::optional<app::Configuration> load_valid_configuration(const std::filesystem::path& file,
                                                           config::SinkSources& sources, std::ostream& errors);

/// The same where its spool is in memory, as there is nothing on disk to look into or to change.
std::optional<app::Configuration> load_configuration_with_spool(const std::filesystem::path& file,
                                                                config::SinkSources& sources, std::ostream& errors);

}  // namespace pbxbridge::cli
