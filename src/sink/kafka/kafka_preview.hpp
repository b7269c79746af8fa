#pragma once

#include "pbxbridge/composed_message.hpp"
#include "pbxbridge/delivery.hpp"

namespace pbxbridge::sink {

struct KafkaSettings;

/// The record that a delivery becomes under these settings.
ComposedMessage compose_record(const KafkaSettings& settings, const Delivery& delivery);

}  // namespace pbxbridge::sink
