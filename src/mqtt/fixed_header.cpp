#include "mqtt/fixed_header.hpp"

#include <fmt/format.h>

namespace pbxbridge::mqtt {
namespace {

constexpr std::size_t longest = 5;

/// Packets that a broker sends to a client that subscribes to nothing and has no extended authentication.
bool is_expected(PacketType type) {
  switch (type) {
    case PacketType::connack:
    case PacketType::publish:
    case PacketType::puback:
    case PacketType::pubrec:
    case PacketType::pubrel:
    case PacketType::pubcomp:
    case PacketType::pingresp:
    case PacketType::disconnect:
      return true;
    default:
      return false;
  }
}

/// MQTT 5.0, 2.1.3.
bool has_valid_flags(const FixedHeader& header) {
  if (header.type == PacketType::publish) return header.qos() != 3;
  return header.flags == (header.type == PacketType::pubrel ? 0x02 : 0);
}

}  // namespace

FixedHeader read_fixed_header(std::string_view bytes) {
  FixedHeader header;
  if (bytes.empty()) return header;
  const auto first = static_cast<std::uint8_t>(bytes.front());
  header.type = static_cast<PacketType>(first >> 4);
  header.flags = first & 0x0FU;
  if (!is_expected(header.type)) {
    header.problem = fmt::format("it sent {}", to_string(header.type));
    return header;
  }
  if (!has_valid_flags(header)) {
    header.is_malformed = true;
    header.problem = fmt::format("it sent a malformed {}: its flags are {:#x}", to_string(header.type), header.flags);
    return header;
  }

  for (std::size_t at = 1; at < longest; ++at) {
    if (at == bytes.size()) return header;
    const auto next = static_cast<std::uint8_t>(bytes[at]);
    header.remaining_length |= std::size_t{next & 0x7FU} << (7 * (at - 1));
    if ((next & 0x80U) == 0) {
      header.size = at + 1;
      return header;
    }
  }
  header.is_malformed = true;
  header.problem = fmt::format("it sent a malformed {}: its length has more than four bytes", to_string(header.type));
  return header;
}

}  // namespace pbxbridge::mqtt
