#include "app/configuration.hpp"

#include "config/load.hpp"
#include "route/coverage.hpp"

#include <utility>

namespace pbxbridge::app {

Configuration load_configuration(const std::filesystem::path& file, config::SinkSources& sources) {
  auto [config, report, sink_types, text] = config::load_config(file, sources);
  auto router = route::Router::compile(config, sink_types, report);
  return {std::move(config), std::move(router), std::move(report), std::move(sink_types), std::move(text)};
}

void check_coverage(Configuration& configuration) {
  // Routes that are wrong would only bring warnings that follow from that.
  if (!configuration.report.has_errors()) route::check_coverage(configuration.config, configuration.report);
}

}  // namespace pbxbridge::app
