#pragma once

#include "pbxbridge/composed_message.hpp"
#include "pbxbridge/delivery.hpp"

namespace pbxbridge::sink {

struct MqttSettings;

/// The PUBLISH packet that a delivery becomes under these settings. A broker may announce further limits.
ComposedMessage compose_publish(const MqttSettings& settings, const Delivery& delivery);

}  // namespace pbxbridge::sink
