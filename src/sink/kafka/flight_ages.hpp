#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>

namespace pbxbridge::sink {

/// Tells how long records have been in flight, roughly: they are counted by the stretch of time in which they were
/// sent, so that one that waits for long is noticed among many that do not. Without a clock of its own.
class FlightAges {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr std::size_t slots = 4;
  static constexpr std::chrono::milliseconds slot_time{2'000};

  /// Slot of what is sent now. Any thread, as the next two.
  std::size_t slot() const { return slot_; }
  void sent(std::size_t slot) { ++in_flight_[slot]; }
  void settled(std::size_t slot) { --in_flight_[slot]; }

  /// Begins the next slot where it is time and its last records are settled. Of one thread, as `has_older`.
  void turn(Time now);
  /// Returns whether a record in flight was sent longer than `age` ago; true at the latest `slot_time` after it was,
  /// and never for what is sent in the present slot, which lasts as long as a record of the one to follow waits.
  bool has_older(Time now, std::chrono::milliseconds age) const;

 private:
  std::array<std::atomic<std::size_t>, slots> in_flight_{};
  std::atomic<std::size_t> slot_ = 0;
  Time begun_at_{};  // the present slot
  std::array<Time, slots> ended_at_{};
};

}  // namespace pbxbridge::sink
