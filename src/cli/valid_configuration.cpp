#include "cli/valid_configuration.hpp"

#include "config/load.hpp"

#include <ostream>

namespace pbxbridge::cli {

std::optional<app::Configuration> load_valid_configuration(const std::filesystem::path& file,
                                                           config::SinkSources& sources, std::ostream& errors) {
  std::optional<app::Configuration> configuration = app::load_configuration(file, sources);
  if (configuration->report.has_errors()) {
    errors << config::format_problems(configuration->report, file.string());
    configuration.reset();
  }
  return configuration;
}

std::optional<app::Configuration> load_configuration_with_spool(const std::filesystem::path& file,
                                                                config::SinkSources& sources, std::ostream& errors) {
  std::optional<app::Configuration> configuration = load_valid_configuration(file, sources, errors);
  if (configuration && configuration->config.spool.type != config::SpoolType::disk) {
    errors << file.string() << ": the spool is in memory (spool.type), there is nothing on disk\n";
    configuration.reset();
  }
  return configuration;
}

}  // namespace pbxbridge::cli
