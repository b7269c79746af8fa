#pragma once

#include "pbxbridge/sink_type.hpp"

namespace pbxbridge::sink {

extern const SinkType amqp_sink_type;

}  // namespace pbxbridge::sink
