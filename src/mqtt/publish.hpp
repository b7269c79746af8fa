#pragma once

#include "mqtt/protocol.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace pbxbridge::mqtt {

struct UserProperty {
  std::string_view name;
  std::string_view value;
};

/// PUBLISH (MQTT 5.0, 3.3), as views of what the caller has. Each text is at most `largest_string` long; the topic is a
/// topic name.
struct Publish {
  std::string_view topic;
  std::string_view payload;
  unsigned qos = 1;
  bool retain = false;
  // MQTT 5 only; not written for MQTT 3.1.1.
  std::string_view content_type;                         ///< empty: none
  std::optional<std::uint32_t> message_expiry_interval;  ///< seconds
  std::span<const UserProperty> user_properties;
};

/// Size in bytes of the whole packet. May exceed `largest_packet`; such a one must not be written.
std::size_t packet_size(const Publish& publish, Version version);

/// `packet_identifier` is not 0, and not written with QoS 0.
void append_publish(std::string& out, const Publish& publish, std::uint16_t packet_identifier, Version version);

}  // namespace pbxbridge::mqtt
