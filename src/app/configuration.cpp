#include "app/configuration.hpp"

#include "config/load.hpp"

#include <utility>

namespace pbxbridge::app {

Configuration load_configuration(const std::filesystem::path& file, config::SinkSources& sources) {
  auto [config, report, sink_types] = config::load_config(file, sources);
  auto router = route::Router::compile(config, sink_types, report);
  return {std::move(config), std::move(router), std::move(report), std::move(sink_types)};
}

}  // namespace pbxbridge::app
