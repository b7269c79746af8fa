#include "mqtt/protocol.hpp"

#include <array>

namespace pbxbridge::mqtt {

std::string_view to_string(PacketType type) {
  static constexpr std::array<std::string_view, 16> names = {"a packet of the reserved type 0",
                                                             "CONNECT",
                                                             "CONNACK",
                                                             "PUBLISH",
                                                             "PUBACK",
                                                             "PUBREC",
                                                             "PUBREL",
                                                             "PUBCOMP",
                                                             "SUBSCRIBE",
                                                             "SUBACK",
                                                             "UNSUBSCRIBE",
                                                             "UNSUBACK",
                                                             "PINGREQ",
                                                             "PINGRESP",
                                                             "DISCONNECT",
                                                             "AUTH"};
  return names[static_cast<std::size_t>(type)];
}

}  // namespace pbxbridge::mqtt
