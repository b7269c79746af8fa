#include "mqtt/in_flight.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace pbxbridge::mqtt {

InFlight::InFlight(std::size_t limit)
    : slots_(limit), free_slots_(limit), slot_of_(std::size_t{PacketIdentifiers::largest} + 1) {
  std::iota(free_slots_.rbegin(), free_slots_.rend(), std::uint16_t{0});
}

void InFlight::add(std::uint16_t identifier, std::uint64_t token, Awaits acknowledgement) {
  slot_of_[identifier] = free_slots_.back();
  free_slots_.pop_back();
  if (acknowledgement == Awaits::pubrec) ++qos_2_;
  slot(identifier) = {.token = token, .added = now_, .identifier = identifier, .awaits = acknowledgement};
}

std::uint64_t InFlight::remove(std::uint16_t identifier) {
  if (std::exchange(slot(identifier).awaits, Awaits::nothing) != Awaits::puback) --qos_2_;
  free_slots_.push_back(slot_of_[identifier]);
  return slot(identifier).token;
}

std::uint32_t InFlight::oldest_age() const {
  std::uint32_t oldest = 0;
  for (const Slot& each : slots_)
    if (each.awaits != Awaits::nothing) oldest = std::max(oldest, now_ - each.added);
  return oldest;
}

}  // namespace pbxbridge::mqtt
