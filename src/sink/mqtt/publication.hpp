#pragma once

#include "pbxbridge/sink.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pbxbridge::sink {

struct MqttSettings;

/// What is said in one MQTT PUBLISH packet. The payload may be a view into the event, which must outlive it.
struct Publication {
  std::string topic;
  std::string structured;    ///< holds the payload where it is not the event's own bytes
  std::string_view payload;  ///< of `structured` or of the event
  int qos = 1;
  bool retain = false;
  // From here on MQTT 5 only; empty for MQTT 3.1.1.
  std::string_view content_type;
  std::optional<std::chrono::seconds> message_expiry;
  std::vector<std::pair<std::string, std::string>> user_properties;

  Publication() = default;
  Publication(const Publication&) = delete;  // `payload` may point into this object
  Publication& operator=(const Publication&) = delete;
};

/// Fills `publication` with what `delivery` says under `settings`; what the route says goes before the sink's own.
/// An error tells why the broker can never be given this message.
std::optional<std::string> compose(const Delivery& delivery, const MqttSettings& settings, Publication& publication);

/// Size in bytes of the PUBLISH packet (MQTT 5.0, 3.3; MQTT 3.1.1 is without the properties).
std::size_t packet_size(const Publication& publication, bool version_5);

}  // namespace pbxbridge::sink
