#pragma once

// Documents that are made from the declared fields of the configuration and of these types of sinks.

#include "pbxbridge/sink_type.hpp"

#include <span>
#include <string>

namespace pbxbridge::config {

/// The JSON Schema (draft 7, which editors' YAML support reads) of a configuration file.
std::string json_schema(std::span<const SinkType> sink_types);

/// docs/reference/configuration.md.
std::string reference_page(std::span<const SinkType> sink_types);

/// A configuration to begin with: what is required stands with its example, what is optional as comments with defaults.
std::string starter_file(std::span<const SinkType> sink_types);

}  // namespace pbxbridge::config
