#pragma once

#include "pbxbridge/config/node.hpp"
#include "pbxbridge/sink_type.hpp"

#include <span>
#include <string>

namespace pbxbridge::config {

/// 16 hexadecimal digits that are the same for the same settings, after substitution: neither their order nor comments
/// count, nor do the values of secrets, which a hash would give away to whoever guesses them.
std::string settings_hash(const Node& document, std::span<const SinkType> sink_types);

}  // namespace pbxbridge::config
