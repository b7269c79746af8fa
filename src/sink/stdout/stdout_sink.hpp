#pragma once

#include "config/sink_type.hpp"

namespace pbxbridge::sink {

extern const config::SinkType stdout_sink_type;

}  // namespace pbxbridge::sink
