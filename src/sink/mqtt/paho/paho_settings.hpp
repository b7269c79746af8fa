#pragma once

#include "sink/mqtt/mqtt_settings.hpp"

#include <string_view>

namespace pbxbridge::sink {

/// Reports what the client `paho` cannot do, each at its field; nothing for another client.
void check_paho(const MqttSettings& settings, const config::WrittenKeys& written, config::Report& report);

inline constexpr std::string_view paho_qos_2_needs_clean_start =
    "qos: 2 with client: paho needs clean_start: true: Paho numbers the messages of each connection from 1, and a "
    "broker that kept the session takes a new message for an old one and drops it. Choose client: native, or qos: 1";

}  // namespace pbxbridge::sink
