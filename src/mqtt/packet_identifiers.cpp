#include "mqtt/packet_identifiers.hpp"

#include <random>

namespace pbxbridge::mqtt {
namespace {

std::uint16_t random_identifier() {
  std::random_device random;
  return std::uniform_int_distribution<std::uint16_t>(1, PacketIdentifiers::largest)(random);
}

}  // namespace

PacketIdentifiers::PacketIdentifiers() : PacketIdentifiers(random_identifier()) {}

}  // namespace pbxbridge::mqtt
