#pragma once

#include "pbxbridge/config/location.hpp"
#include "pbxbridge/sink_type.hpp"

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace pbxbridge::config {

/// Source of the sink types of a configuration.
class SinkSources {
 public:
  virtual ~SinkSources() = default;
  /// All types, those of `plugins` included; a plug-in that cannot be used is an error at its place. `types_named` are
  /// those that the configuration uses, whether they exist or not. Called before its values are read, for that may
  /// start threads.
  virtual std::vector<SinkType> load(const std::vector<Located<std::filesystem::path>>& plugins,
                                     std::span<const std::string> types_named, Report& report) = 0;
};

}  // namespace pbxbridge::config
