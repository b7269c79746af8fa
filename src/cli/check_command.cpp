#include "app/configuration.hpp"
#include "app/run.hpp"
#include "cli/commands.hpp"
#include "config/clear_secrets.hpp"
#include "config/excerpt.hpp"
#include "config/load.hpp"

#include <fmt/format.h>

#include <ostream>
#include <string>
#include <vector>

namespace pbxbridge::cli {

namespace {

std::string counted(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string summary(const config::Config& config) {
  std::vector<std::string> pbxs;
  for (const auto& pbx : config.pbx)
    pbxs.push_back(fmt::format("{} ({})", pbx.name, counted(pbx.subscribe.size(), "subscription")));
  std::vector<std::string> sinks;
  for (const auto& [name, sink] : config.sinks) sinks.push_back(fmt::format("{} ({})", name, sink.type));
  return fmt::format("{}: {}; {}: {}; {}", counted(pbxs.size(), "PBX account"), fmt::join(pbxs, ", "),
                     counted(sinks.size(), "sink"), fmt::join(sinks, ", "), counted(config.routes.size(), "route"));
}

}  // namespace

int check_command(const std::filesystem::path& configuration_file, config::SinkSources& sources,
                  const CheckRequest& request, std::ostream& output, std::ostream& errors) {
  app::Configuration configuration = app::load_configuration(configuration_file, sources);
  app::check_coverage(configuration);
  const std::string file = configuration_file.string();
  const int exit_code = configuration.report.has_errors() ? app::exit_configuration : app::exit_ok;
  if (request.json) {
    output << config::problems_in_json(configuration.report, file);
    return output.flush() ? exit_code : app::exit_failure;
  }
  const auto secrets = config::secret_fields(configuration.sink_types);
  const config::Excerpt excerpt(configuration.text, {secrets.begin(), secrets.end()});
  errors << config::format_problems(configuration.report, file, &excerpt);
  if (exit_code == app::exit_ok) output << file << ": valid; " << summary(configuration.config) << '\n';
  return exit_code;
}

}  // namespace pbxbridge::cli
