#pragma once

#include <span>
#include <string>

namespace pbxbridge::sink {
struct SinkType;
}

namespace pbxbridge::config {

/// A configuration to begin with: what is required stands with its example, what is optional as comments with defaults.
std::string starter_file(std::span<const sink::SinkType> sink_types);

}  // namespace pbxbridge::config
