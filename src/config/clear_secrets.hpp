#pragma once

#include "config/substituted_values.hpp"
#include "pbxbridge/config/node.hpp"
#include "pbxbridge/sink_type.hpp"

#include <span>

namespace pbxbridge::config {

/// Finds a password or the like in the document itself, neither in a file of its own nor in the environment.
bool holds_secrets_in_clear(const Node& document, std::span<const SinkType> sink_types,
                            const SubstitutedValues& substituted);

/// Warns of files that others can read and that a password or the like is taken from as `${file:/path}`.
void warn_of_exposed_files(const Node& document, std::span<const SinkType> sink_types,
                           const SubstitutedValues& substituted, Report& report);

}  // namespace pbxbridge::config
