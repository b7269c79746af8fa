#pragma once

#include "pbxbridge/sink_type.hpp"

namespace pbxbridge::sink {

/// Apache Kafka through librdkafka.
extern const SinkType kafka_sink_type;

}  // namespace pbxbridge::sink
