#pragma once

#include "pbxbridge/config/location.hpp"
#include "pbxbridge/sink_type.hpp"

#include <filesystem>
#include <vector>

namespace pbxbridge::config {

/// Where the sink types of a configuration come from.
class SinkSources {
 public:
  virtual ~SinkSources() = default;
  /// All types, those of `plugins` included; a plug-in that cannot be used is an error at its place.
  virtual std::vector<SinkType> load(const std::vector<Located<std::filesystem::path>>& plugins, Report& report) = 0;
};

}  // namespace pbxbridge::config
