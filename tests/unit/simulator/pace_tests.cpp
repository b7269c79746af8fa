#include "simulator/model/pace.hpp"

#include <gtest/gtest.h>

namespace pbxbridge::sim {
namespace {

using namespace std::chrono_literals;

TEST(Pace, OwesWhatTheRateSaysLessWhatWasSent) {
  Pace pace;
  const Pace::Clock::time_point start{};
  pace.set_rate(10, start);
  EXPECT_EQ(pace.due(start), 0U);
  EXPECT_EQ(pace.due(start + 250ms), 2U);
  pace.sent();
  EXPECT_EQ(pace.due(start + 250ms), 1U);
  EXPECT_EQ(pace.due(start + 1s), 9U);
}

TEST(Pace, ANewRateForgetsWhatWasOwed) {
  Pace pace;
  const Pace::Clock::time_point start{};
  pace.set_rate(1000, start);
  pace.set_rate(1, start + 10s);
  EXPECT_EQ(pace.due(start + 11s), 1U);
  pace.set_rate(0, start);
  EXPECT_EQ(pace.due(start + 100s), 0U);
}

}  // namespace
}  // namespace pbxbridge::sim
