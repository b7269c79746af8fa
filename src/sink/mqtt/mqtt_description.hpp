#pragma once

#include "pbxbridge/sink_description.hpp"

#include <string>

namespace pbxbridge::sink {

struct MqttSettings;

/// `sink`: the name of the sink, which its status topic may have.
SinkDescription describe_mqtt(const MqttSettings& settings, const std::string& sink);

}  // namespace pbxbridge::sink
