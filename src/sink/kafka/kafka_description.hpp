#pragma once

#include "pbxbridge/sink_description.hpp"

namespace pbxbridge::sink {

struct KafkaSettings;

SinkDescription describe_kafka(const KafkaSettings& settings);

}  // namespace pbxbridge::sink
