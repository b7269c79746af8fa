#pragma once

#include <span>
#include <string>

namespace pbxbridge::config {

struct SinkType;

/// The JSON Schema (draft 7, which editors' YAML support reads) of a configuration file.
std::string json_schema(std::span<const SinkType> sink_types);

}  // namespace pbxbridge::config
