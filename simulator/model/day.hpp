#pragma once

#include "simulator/model/model_time.hpp"

namespace pbxbridge::sim {

/// Rhythm of a working day. Whenever the simulator starts, it is eight in the morning in the model, whatever its clock
/// shows: the first hours of a run are the busy ones, and a run does not depend on the hour at which it is made.
class Day {
 public:
  static constexpr double busiest = 1.6;

  explicit Day(Time start) : start_(start) {}

  /// Activity from 0 to `busiest`; 1 on an ordinary afternoon.
  double activity(Time now) const;

  /// The next time at which it is this hour, from 0 to 24.
  Time next(double hour, Time now) const;

  bool is_lunch_time(Time now) const;

 private:
  double hour(Time now) const;

  Time start_;
};

}  // namespace pbxbridge::sim
