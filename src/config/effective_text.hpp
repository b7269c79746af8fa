#pragma once

#include "pbxbridge/config/node.hpp"
#include "pbxbridge/sink_type.hpp"

#include <span>
#include <string>

namespace pbxbridge::config {

/// The document after substitution, as YAML for people. Secrets are left out, numbers of extensions, queues and callers
/// are masked, and of a long list the first 20 items are shown.
std::string effective_text(const Node& document, std::span<const SinkType> sink_types);

}  // namespace pbxbridge::config
