#pragma once

#include "config/config.hpp"
#include "route/router.hpp"

#include <filesystem>
#include <memory>

namespace pbxbridge::app {

/// A configuration with its routes compiled: all that can be known before anything runs.
struct Configuration {
  config::Config config;
  std::shared_ptr<const route::Router> router;  ///< to be used only if the report has no errors
  config::Report report;
};

Configuration load_configuration(const std::filesystem::path& file);

}  // namespace pbxbridge::app
