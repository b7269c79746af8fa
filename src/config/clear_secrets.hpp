#pragma once

#include "pbxbridge/config/node.hpp"
#include "pbxbridge/sink_type.hpp"

#include <set>
#include <span>
#include <string>

namespace pbxbridge::config {

/// Names of all fields that hold a password or the like.
std::set<std::string> secret_fields(std::span<const SinkType> sink_types);

/// Finds a password or the like in the document itself, neither in a file of its own nor in the environment.
bool holds_secrets_in_clear(const Node& document, std::span<const SinkType> sink_types);

}  // namespace pbxbridge::config
