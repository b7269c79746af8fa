#include "simulator/model/day.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace pbxbridge::sim {

namespace {

constexpr double first_hour = 8;
constexpr double hours_a_day = 24;
constexpr double milliseconds_an_hour = 3'600'000;

struct Stretch {
  double until;  ///< hour of the day
  double activity;
};

constexpr std::array stretches{
    Stretch{6, 0.03},   Stretch{8, 0.4},  Stretch{9, 1.2},    Stretch{11, Day::busiest}, Stretch{12, 1.1},
    Stretch{13.5, 0.6}, Stretch{17, 1.0}, Stretch{18.5, 0.5}, Stretch{22, 0.15},         Stretch{hours_a_day, 0.05}};

}  // namespace

double Day::hour(Time now) const {
  return std::fmod(first_hour + static_cast<double>((now - start_).count()) / milliseconds_an_hour, hours_a_day);
}

double Day::activity(Time now) const {
  const auto of_day = hour(now);
  return std::ranges::find_if(stretches, [&](const Stretch& stretch) { return of_day < stretch.until; })->activity;
}

Time Day::next(double wanted, Time now) const {
  auto ahead = wanted - hour(now);
  if (ahead <= 0) ahead += hours_a_day;
  return now + Duration(static_cast<std::int64_t>(ahead * milliseconds_an_hour));
}

bool Day::is_lunch_time(Time now) const {
  const auto of_day = hour(now);
  return of_day >= 12 && of_day < 13.5;
}

}  // namespace pbxbridge::sim
