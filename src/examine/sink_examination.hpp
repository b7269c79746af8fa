#pragma once

#include "config/config.hpp"
#include "examine/subjects.hpp"
#include "pbxbridge/sink_type.hpp"

#include <memory>
#include <string>
#include <vector>

namespace pbxbridge::examine {

/// A sink of the configuration, examined by its type.
Subject sink_subject(const std::shared_ptr<const config::Config>& config, const std::vector<SinkType>& sink_types,
                     const std::string& name);

}  // namespace pbxbridge::examine
