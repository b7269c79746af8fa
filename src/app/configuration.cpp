#include "app/configuration.hpp"

#include "config/load.hpp"
#include "sink/sink_types.hpp"

#include <utility>

namespace pbxbridge::app {

Configuration load_configuration(const std::filesystem::path& file) {
  auto [config, report] = config::load_config(file, sink::sink_types());
  auto router = route::Router::compile(config, sink::sink_types(), report);
  return {std::move(config), std::move(router), std::move(report)};
}

}  // namespace pbxbridge::app
