#include "spool/log/reception_clock.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace pbxbridge::spool {
namespace {

using namespace std::chrono_literals;

/// The clocks of a machine, by the time since pbxbridge was started there.
class Machine {
 public:
  void set(std::chrono::seconds ahead) { ahead_ = ahead; }
  SystemTime wall(std::chrono::milliseconds since_start) const {
    return SystemTime(std::chrono::seconds(1'764'000'000)) + since_start + ahead_;
  }
  static ReceptionClock::Steady steady(std::chrono::milliseconds since_start) {
    return ReceptionClock::Steady(500s) + since_start;
  }
  void note(ReceptionClock& clock, std::chrono::milliseconds since_start) const {
    clock.note(wall(since_start), steady(since_start));
  }

 private:
  std::chrono::seconds ahead_{0};
};

TEST(ReceptionClockTest, AgesAreRightHoweverOftenTheClockIsSet) {
  Machine machine;
  ReceptionClock clock;
  machine.note(clock, 0s);
  std::vector<std::pair<SystemTime, std::chrono::milliseconds>> received;
  std::chrono::milliseconds now = 0s;
  for (const auto ahead : {0s, 3600s, 0s, -3600s, -7200s, 86'400s, 1s}) {
    machine.set(ahead);
    received.emplace_back(machine.wall(now + 10ms), now + 10ms);  // before it is noticed
    now += 1s;
    machine.note(clock, now);
    received.emplace_back(machine.wall(now), now);
    for (const auto& [wall, at] : received) {
      const auto wrong = clock.age(wall) - (now - at);
      EXPECT_LT(std::chrono::abs(wrong), 60ms) << "ahead by " << ahead.count() << " s";
    }
    now += 10s;
    machine.note(clock, now);
  }
}

TEST(ReceptionClockTest, IsExactWhileNobodySetsTheClock) {
  Machine machine;
  ReceptionClock clock;
  machine.note(clock, 0s);
  const SystemTime received = machine.wall(1700ms);
  machine.note(clock, 1703ms);
  EXPECT_EQ(clock.age(received), 3ms);
}

TEST(ReceptionClockTest, OfAnEarlierProcessTheClockOfTheDayTells) {
  Machine machine;
  ReceptionClock clock;
  const SystemTime received = machine.wall(-100s);
  machine.note(clock, 0s);
  EXPECT_EQ(clock.age(received), 100s);
  EXPECT_EQ(clock.age(machine.wall(100s)), 0s) << "never below 0";
}

}  // namespace
}  // namespace pbxbridge::spool
