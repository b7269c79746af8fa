#pragma once

#include "mqtt/protocol.hpp"
#include "pbxbridge/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace pbxbridge::mqtt {

/// PUBACK, PUBREC, PUBREL or PUBCOMP (MQTT 5.0, 3.4 to 3.7).
struct Acknowledgement {
  std::uint16_t packet_identifier = 0;
  std::uint8_t reason_code = reason::success;  ///< always, with MQTT 3.1.1
  std::string_view reason_string;              ///< a view of the packet's bytes
};

/// `body` is what follows the fixed header. An error is a clause about the packet.
Result<Acknowledgement> read_acknowledgement(std::string_view body, Version version);

/// Returns what the reason code of a PUBCOMP makes of the message, which the broker has taken with a PUBREC. A broker
/// that no longer knows the identifier has the message all the same: sent again, it would arrive twice.
constexpr std::uint8_t completion(std::uint8_t reason_code) {
  return reason_code == reason::packet_identifier_not_found ? reason::success : reason_code;
}

/// One of the four; the reason code is written with MQTT 5 only.
void append_acknowledgement(std::string& out, PacketType type, std::uint16_t packet_identifier, Version version,
                            std::uint8_t reason_code = reason::success);

/// The broker's DISCONNECT (MQTT 5.0, 3.14), which MQTT 3.1.1 does not have and some brokers send there too.
struct Disconnect {
  std::uint8_t reason_code = reason::success;
  std::string_view reason_string;     ///< a view of the packet's bytes
  std::string_view server_reference;  ///< a view of the packet's bytes
};
Result<Disconnect> read_disconnect(std::string_view body);

/// The client's. With `success` the broker drops the will; another reason code goes with MQTT 5 only.
void append_disconnect(std::string& out, std::uint8_t reason_code = reason::success);
void append_pingreq(std::string& out);

}  // namespace pbxbridge::mqtt
