#pragma once

#include "config/config.hpp"
#include "examine/subjects.hpp"
#include "pbxbridge/sink_type.hpp"

#include <memory>
#include <vector>

namespace pbxbridge::examine {

/// All that a configuration without errors names: each PBX, each sink, the spool.
std::vector<Subject> subjects_of(const std::shared_ptr<const config::Config>& config,
                                 const std::vector<SinkType>& sink_types);

}  // namespace pbxbridge::examine
