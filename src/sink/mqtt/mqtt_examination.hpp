#pragma once

#include "pbxbridge/examination.hpp"
#include "sink/mqtt/mqtt_settings.hpp"

namespace pbxbridge::sink {

/// See SinkType::examine. Connects under a client id of its own, without a will, and leaves no session. Rights are
/// asked for by messages of QoS 2 without payload that are never released: mosquitto, and whoever else waits for the
/// release, hands them to nobody. A broker that hands them on at once, as MQTT 5.0 allows, hands subscribers an empty
/// message.
void examine_mqtt(const MqttSettings& settings, const SinkExamination& asked, Findings& findings);

}  // namespace pbxbridge::sink
