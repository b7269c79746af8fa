#pragma once

#include "config/schema/node.hpp"

#include <span>

namespace pbxbridge::config {

struct SinkType;

/// Finds a password or the like in the document itself, neither in a file of its own nor in the environment.
bool holds_secrets_in_clear(const Node& document, std::span<const SinkType> sink_types);

}  // namespace pbxbridge::config
