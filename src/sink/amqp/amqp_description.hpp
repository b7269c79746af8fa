#pragma once

#include "pbxbridge/sink_description.hpp"

namespace pbxbridge::sink {

struct AmqpSettings;

SinkDescription describe_amqp(const AmqpSettings& settings);

}  // namespace pbxbridge::sink
