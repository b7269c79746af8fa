#pragma once

#include "config/sink_type.hpp"

namespace pbxbridge::sink {

/// Apache Kafka through librdkafka.
extern const config::SinkType kafka_sink_type;

}  // namespace pbxbridge::sink
