#include "nats_sink.hpp"

#include <pbxbridge/plugin.hpp>

PBXBRIDGE_PLUGIN(nats_sink::nats_sink_type)
