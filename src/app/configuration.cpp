#include "app/configuration.hpp"

#include "app/home_assistant.hpp"
#include "route/coverage.hpp"

#include <new>
#include <utility>

namespace pbxbridge::app {

namespace {

/// Reports it where the memory does not suffice for the work: no configuration may end a process that runs with
/// another.
template <class Work>
void within_memory(Configuration& configuration, Work work) {
  try {
    work();
  } catch (const std::bad_alloc&) {
    configuration.report.error({}, "the memory does not suffice for this configuration");
  }
}

}  // namespace

Configuration load_configuration(const std::filesystem::path& file, config::SinkSources& sources,
                                 config::ReadFile read) {
  Configuration configuration;
  within_memory(configuration, [&] {
    auto [config, report, sink_types, text] = config::load_config(file, sources, read);
    configuration.report = std::move(report);
    add_home_assistant_route(config, sink_types, configuration.report);
    configuration.router = route::Router::compile(config, sink_types, configuration.report);
    if (!configuration.report.has_errors())
      configuration.home_assistant =
          home_assistant_installation(config, *configuration.router, sink_types, configuration.report);
    configuration.config = std::move(config);
    configuration.sink_types = std::move(sink_types);
    configuration.text = std::move(text);
  });
  return configuration;
}

void check_coverage(Configuration& configuration) {
  // Routes that are wrong would only bring warnings that follow from that.
  if (configuration.report.has_errors()) return;
  within_memory(configuration, [&] { route::check_coverage(configuration.config, configuration.report); });
}

}  // namespace pbxbridge::app
