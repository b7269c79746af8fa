#include "app/configuration.hpp"

#include "app/home_assistant.hpp"
#include "route/coverage.hpp"

#include <utility>

namespace pbxbridge::app {

Configuration load_configuration(const std::filesystem::path& file, config::SinkSources& sources,
                                 config::ReadFile read) {
  auto [config, report, sink_types, text] = config::load_config(file, sources, read);
  add_home_assistant_route(config, sink_types, report);
  auto router = route::Router::compile(config, sink_types, report);
  std::optional<derive::home_assistant::Installation> home_assistant;
  if (!report.has_errors()) home_assistant = home_assistant_installation(config, *router, sink_types, report);
  return {.config = std::move(config),
          .router = std::move(router),
          .report = std::move(report),
          .sink_types = std::move(sink_types),
          .text = std::move(text),
          .home_assistant = std::move(home_assistant)};
}

void check_coverage(Configuration& configuration) {
  // Routes that are wrong would only bring warnings that follow from that.
  if (!configuration.report.has_errors()) route::check_coverage(configuration.config, configuration.report);
}

}  // namespace pbxbridge::app
