#pragma once

#include <pbxbridge/sink_type.hpp>

namespace nats_sink {

extern const pbxbridge::SinkType nats_sink_type;

}  // namespace nats_sink
