#pragma once

#include "config/sink_type.hpp"

namespace pbxbridge::sink {

extern const config::SinkType file_sink_type;

}  // namespace pbxbridge::sink
