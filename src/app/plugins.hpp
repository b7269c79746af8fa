#pragma once

#include "config/sink_sources.hpp"
#include "pbxbridge/sink_type.hpp"

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace pbxbridge::app {

/// The sink types of a process: those that it was made with, and those of the plug-ins that its configuration lists.
///
/// A plug-in is loaded once and stays. Until `close` a configuration may load further ones; afterwards one that is not
/// loaded yet is an error.
class Plugins final : public config::SinkSources {
 public:
  explicit Plugins(std::span<const SinkType> built_in) : built_in_(built_in.begin(), built_in.end()) {}

  std::vector<SinkType> load(const std::vector<config::Located<std::filesystem::path>>& plugins,
                             config::Report& report) override;
  void close() { is_open_ = false; }

 private:
  const std::vector<SinkType>* find_or_load(const std::filesystem::path& real, config::Location location,
                                            config::Report& report);

  const std::vector<SinkType> built_in_;
  std::map<std::filesystem::path, std::vector<SinkType>> loaded_;  // by the path without links
  bool is_open_ = true;
};

}  // namespace pbxbridge::app
