#pragma once

// Names and numbers of MQTT 5.0 and 3.1.1, as the standards have them.

#include "pbxbridge/enum_names.hpp"

#include <cstddef>
#include <cstdint>

namespace pbxbridge::mqtt {

/// The numbers are those of CONNECT (MQTT 5.0, 3.1.2.2).
enum class Version : std::uint8_t { v3_1_1 = 4, v5 = 5 };

/// MQTT 5.0, 2.1.2.
enum class PacketType : std::uint8_t {
  reserved,
  connect,
  connack,
  publish,
  puback,
  pubrec,
  pubrel,
  pubcomp,
  subscribe,
  suback,
  unsubscribe,
  unsuback,
  pingreq,
  pingresp,
  disconnect,
  auth,
};

inline constexpr std::size_t largest_string = 65'535;                 // 1.5.4: its length has two bytes
inline constexpr std::size_t largest_remaining_length = 268'435'455;  // 2.1.4: four bytes of seven bits
inline constexpr std::size_t largest_packet = 1 + 4 + largest_remaining_length;

/// Reason codes that this client gives or looks for; src/sink/mqtt/mqtt_outcomes.cpp has all of them with their
/// meaning.
namespace reason {
inline constexpr std::uint8_t success = 0x00;
/// From here on it is a rejection or a failure (MQTT 5.0, 2.4).
inline constexpr std::uint8_t first_failure = 0x80;
inline constexpr std::uint8_t unspecified_error = 0x80;
inline constexpr std::uint8_t malformed_packet = 0x81;
inline constexpr std::uint8_t protocol_error = 0x82;
inline constexpr std::uint8_t session_taken_over = 0x8E;
inline constexpr std::uint8_t packet_identifier_in_use = 0x91;
inline constexpr std::uint8_t packet_identifier_not_found = 0x92;
inline constexpr std::uint8_t packet_too_large = 0x95;
inline constexpr std::uint8_t retain_not_supported = 0x9A;
inline constexpr std::uint8_t qos_not_supported = 0x9B;
}  // namespace reason

}  // namespace pbxbridge::mqtt

template <>
inline constexpr pbxbridge::EnumName<pbxbridge::mqtt::PacketType> pbxbridge::enum_names<pbxbridge::mqtt::PacketType>[] =
    {
        {mqtt::PacketType::reserved, "a packet of the reserved type 0"},
        {mqtt::PacketType::connect, "CONNECT"},
        {mqtt::PacketType::connack, "CONNACK"},
        {mqtt::PacketType::publish, "PUBLISH"},
        {mqtt::PacketType::puback, "PUBACK"},
        {mqtt::PacketType::pubrec, "PUBREC"},
        {mqtt::PacketType::pubrel, "PUBREL"},
        {mqtt::PacketType::pubcomp, "PUBCOMP"},
        {mqtt::PacketType::subscribe, "SUBSCRIBE"},
        {mqtt::PacketType::suback, "SUBACK"},
        {mqtt::PacketType::unsubscribe, "UNSUBSCRIBE"},
        {mqtt::PacketType::unsuback, "UNSUBACK"},
        {mqtt::PacketType::pingreq, "PINGREQ"},
        {mqtt::PacketType::pingresp, "PINGRESP"},
        {mqtt::PacketType::disconnect, "DISCONNECT"},
        {mqtt::PacketType::auth, "AUTH"},
};
