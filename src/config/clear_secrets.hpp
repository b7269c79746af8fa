#pragma once

#include "config/substituted_values.hpp"
#include "pbxbridge/config/node.hpp"
#include "pbxbridge/sink_type.hpp"

#include <set>
#include <span>
#include <string_view>

namespace pbxbridge::config {

/// Names of all fields that hold a password or the like; they live as long as the process.
std::set<std::string_view> secret_fields(std::span<const SinkType> sink_types);

/// Finds a password or the like in the document itself, neither in a file of its own nor in the environment.
bool holds_secrets_in_clear(const Node& document, std::span<const SinkType> sink_types,
                            const SubstitutedValues& substituted);

/// Warns of files that others can read and that a password or the like is taken from as `${file:/path}`.
void warn_of_exposed_files(const Node& document, std::span<const SinkType> sink_types,
                           const SubstitutedValues& substituted, Report& report);

}  // namespace pbxbridge::config
