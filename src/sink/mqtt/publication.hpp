#pragma once

#include "mqtt/publish.hpp"
#include "pbxbridge/cloudevents.hpp"
#include "pbxbridge/delivery.hpp"
#include "pbxbridge/format.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pbxbridge::sink {

struct MqttSettings;

/// Says why a packet is too large under the settings, or for a broker that takes packets of `broker_limit` bytes.
std::optional<std::string> beyond_size(const mqtt::Publish& publish, const MqttSettings& settings,
                                       std::size_t broker_limit);

/// Content of a delivery's PUBLISH packet. One object for all of them, one after the other, so that an event
/// in the format `raw` allocates nothing.
class Publication {
 public:
  explicit Publication(const MqttSettings& settings);
  Publication(const Publication&) = delete;  // `publish_` points into this object
  Publication& operator=(const Publication&) = delete;

  /// Takes on what `delivery` says under the settings; what the route says goes before the sink's own. An error tells
  /// why the broker can never be given this message.
  std::optional<std::string> compose(const Delivery& delivery);

  /// Packet of the last delivery that was composed, valid as long as that and its event live.
  const mqtt::Publish& publish() const { return publish_; }

 private:
  void compose_properties(const Delivery& delivery, Format format);

  const MqttSettings& settings_;
  const std::vector<mqtt::UserProperty> own_properties_;  // from the settings
  mqtt::Publish publish_;
  // Storage for what `publish_` points to where it is not the event's own bytes.
  std::string structured_;
  CloudEventAttributes attributes_;
  std::vector<mqtt::UserProperty> properties_;
};

}  // namespace pbxbridge::sink
