#pragma once

#include "config/node.hpp"

#include <span>

namespace pbxbridge::sink {
struct SinkType;
}

namespace pbxbridge::config {

/// Finds a password or the like in the document itself, neither in a file of its own nor in the environment.
bool holds_secrets_in_clear(const Node& document, std::span<const sink::SinkType> sink_types);

}  // namespace pbxbridge::config
