#pragma once

#include "mqtt/protocol.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace pbxbridge::mqtt {

/// Begin of each packet (MQTT 5.0, 2.1).
struct FixedHeader {
  PacketType type = PacketType::reserved;
  unsigned flags = 0;
  std::size_t size = 0;  ///< size of the header itself; 0: more bytes are needed
  std::size_t remaining_length = 0;
  std::string problem;  ///< a clause where it is malformed, or none of a broker's
  bool is_malformed = false;

  unsigned qos() const { return flags >> 1 & 3; }  ///< for a PUBLISH
};

/// The header at the beginning of what a broker has sent.
FixedHeader read_fixed_header(std::string_view bytes);

}  // namespace pbxbridge::mqtt
