#pragma once

#include <span>
#include <string>

namespace pbxbridge::config {

struct SinkType;

/// docs/reference/configuration.md.
std::string reference_page(std::span<const SinkType> sink_types);

}  // namespace pbxbridge::config
