#pragma once

#include "pbxbridge/sink_type.hpp"

#include <span>
#include <string>

namespace pbxbridge::config {
struct Config;
}

namespace pbxbridge::asyncapi {

/// Describes what a configuration can send, as an AsyncAPI 3.0 document in JSON: each topic of each sink, its messages,
/// and where to read them. No secrets. `config` has no errors.
std::string document(const config::Config& config, std::span<const SinkType> types);

}  // namespace pbxbridge::asyncapi
