#pragma once

#include <span>
#include <string>

namespace pbxbridge::sink {
struct SinkType;
}

namespace pbxbridge::config {

/// The JSON Schema (draft 7, which editors' YAML support reads) of a configuration file.
std::string json_schema(std::span<const sink::SinkType> sink_types);

}  // namespace pbxbridge::config
