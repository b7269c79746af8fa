#include "sink/kafka/flight_ages.hpp"

namespace pbxbridge::sink {

void FlightAges::turn(Time now) {
  const std::size_t present = slot_;
  if (now - begun_at_ < slot_time) return;
  const std::size_t next = (present + 1) % slots;
  if (in_flight_[next] > 0) return;
  ended_at_[present] = begun_at_ = now;
  slot_ = next;
}

bool FlightAges::has_older(Time now, std::chrono::milliseconds age) const {
  for (std::size_t slot = 0; slot < slots; ++slot)
    if (slot != slot_ && in_flight_[slot] > 0 && now - ended_at_[slot] >= age) return true;
  return false;
}

}  // namespace pbxbridge::sink
