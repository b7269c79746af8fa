#pragma once

#include "app/named_files.hpp"
#include "config/config.hpp"
#include "config/load.hpp"
#include "config/sink_sources.hpp"
#include "derive/home_assistant/devices.hpp"
#include "route/router.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace pbxbridge::app {

/// A configuration with its routes compiled: all that can be known before anything runs.
struct Configuration {
  config::Config config;
  std::shared_ptr<const route::Router> router;  ///< to be used only if the report has no errors
  config::Report report;
  std::vector<SinkType> sink_types;  ///< all that it may name, those of its plug-ins included
  std::string text;                  ///< of the file
  std::optional<derive::home_assistant::Installation>
      home_assistant;                       ///< what is announced; nothing without a router to use
  std::set<std::string> device_sinks = {};  ///< to which routes for announced devices lead: add_home_assistant_removals
  FileContents files = {};                  ///< contents of the files that it names, where they were read
};

/// Loads and compiles it. Where the memory does not suffice, that is an error in the report.
Configuration load_configuration(const std::filesystem::path& file, config::SinkSources& sources,
                                 config::ReadFile read = config::read_file);

/// Adds warnings of routes that no event reaches and events that no route takes, for whoever shows them.
void check_coverage(Configuration& configuration);

}  // namespace pbxbridge::app
