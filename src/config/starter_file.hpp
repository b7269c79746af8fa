#pragma once

#include <span>
#include <string>

namespace pbxbridge::config {

struct SinkType;

/// A configuration to begin with: what is required stands with its example, what is optional as comments with defaults.
std::string starter_file(std::span<const SinkType> sink_types);

}  // namespace pbxbridge::config
