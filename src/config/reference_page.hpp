#pragma once

#include <span>
#include <string>

namespace pbxbridge::sink {
struct SinkType;
}

namespace pbxbridge::config {

/// docs/reference/configuration.md.
std::string reference_page(std::span<const sink::SinkType> sink_types);

}  // namespace pbxbridge::config
