#pragma once

#include "mqtt/packet_bytes.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::mqtt {

/// Identifiers of MQTT 5.0, 2.2.2.2: those that this client writes or looks at.
enum class PropertyIdentifier : std::uint8_t {
  message_expiry_interval = 0x02,
  content_type = 0x03,
  session_expiry_interval = 0x11,
  assigned_client_identifier = 0x12,
  server_keep_alive = 0x13,
  will_delay_interval = 0x18,
  server_reference = 0x1C,
  reason_string = 0x1F,
  receive_maximum = 0x21,
  maximum_qos = 0x24,
  retain_available = 0x25,
  user_property = 0x26,
  maximum_packet_size = 0x27,
};

struct Property {
  PropertyIdentifier identifier{};
  std::uint32_t number = 0;  ///< value of the kinds that are numbers
  std::string_view text;     ///< value of those that are texts
};

/// Reads the properties that stand next in a packet, one at a time. Those that a packet of that kind has no use for are
/// read over.
class PropertyReader {
 public:
  /// Takes all of the properties off `packet`.
  explicit PropertyReader(FieldReader& packet);

  /// Returns nothing at the end, and where they are malformed: see `problem`.
  std::optional<Property> next();
  /// A clause, or empty.
  const std::string& problem() const { return problem_; }

 private:
  std::optional<Property> fail(std::string problem);

  FieldReader left_;
  std::uint64_t seen_ = 0;  // one bit an identifier: all but the user property may be there once
  std::string problem_;
};

inline void append_identifier(std::string& out, PropertyIdentifier identifier) {
  append_byte(out, static_cast<unsigned>(identifier));
}

}  // namespace pbxbridge::mqtt
