#include "mqtt/in_flight.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace pbxbridge::mqtt {

InFlight::InFlight(std::size_t limit) : slots_(limit), free_ring_(limit), free_(limit) {
  std::iota(free_ring_.begin(), free_ring_.end(), std::uint16_t{1});
}

std::uint16_t InFlight::add(std::uint64_t token, Awaits acknowledgement) {
  const std::uint16_t identifier = free_ring_[first_free_];
  if (++first_free_ == free_ring_.size()) first_free_ = 0;
  --free_;
  if (acknowledgement == Awaits::pubrec) ++qos_2_;
  slot(identifier) = {token, now_, acknowledgement};
  return identifier;
}

InFlight::Awaits InFlight::awaits(std::uint16_t identifier) const {
  const std::size_t index = identifier - std::size_t{1};  // far outside for 0
  return index < slots_.size() ? slots_[index].awaits : Awaits::nothing;
}

std::uint64_t InFlight::remove(std::uint16_t identifier) {
  if (std::exchange(slot(identifier).awaits, Awaits::nothing) != Awaits::puback) --qos_2_;
  std::size_t end = first_free_ + free_++;
  if (end >= free_ring_.size()) end -= free_ring_.size();
  free_ring_[end] = identifier;
  return slot(identifier).token;
}

std::uint32_t InFlight::oldest_age() const {
  std::uint32_t oldest = 0;
  for (const Slot& each : slots_)
    if (each.awaits != Awaits::nothing) oldest = std::max(oldest, now_ - each.added);
  return oldest;
}

}  // namespace pbxbridge::mqtt
