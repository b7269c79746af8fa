#include "mqtt/keep_alive.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace pbxbridge::mqtt {
namespace {

using enum KeepAlive::Due;

TEST(KeepAlive, PingsBeforeTheTimeIsOverAndNoticesSilence) {
  KeepAlive keep_alive;
  std::vector<KeepAlive::Due> due;
  for (int tick = 0; tick < 7; ++tick) due.push_back(keep_alive.tick());
  EXPECT_EQ(due, (std::vector{nothing, nothing, ping, nothing, nothing, ping, lost}));
}

TEST(KeepAlive, GoesOnWhileTheBrokerAnswers) {
  KeepAlive keep_alive;
  int pings = 0;
  for (int tick = 0; tick < 300; ++tick) {
    const auto due = keep_alive.tick();
    ASSERT_NE(due, lost);
    if (due == ping) {
      ++pings;
      keep_alive.heard();
    }
  }
  EXPECT_EQ(pings, 100);
}

TEST(KeepAlive, HasNothingToAskWhileMessagesAreAcknowledged) {
  KeepAlive keep_alive;
  for (int tick = 0; tick < 100; ++tick) {
    keep_alive.sent();
    keep_alive.heard();
    EXPECT_EQ(keep_alive.tick(), nothing);
  }
}

TEST(KeepAlive, AsksABrokerThatTakesMessagesAndIsSilent) {
  KeepAlive keep_alive;
  std::vector<KeepAlive::Due> due;
  for (int tick = 0; tick < 7; ++tick) {
    keep_alive.sent();
    due.push_back(keep_alive.tick());
  }
  EXPECT_EQ(due, (std::vector{nothing, nothing, ping, nothing, nothing, nothing, lost}));
}

TEST(KeepAlive, SaysSomethingToABrokerThatTalksAlone) {
  KeepAlive keep_alive;
  std::vector<KeepAlive::Due> due;
  for (int tick = 0; tick < 6; ++tick) {
    keep_alive.heard();
    due.push_back(keep_alive.tick());
  }
  EXPECT_EQ(due, (std::vector{nothing, nothing, ping, nothing, nothing, ping}));
}

}  // namespace
}  // namespace pbxbridge::mqtt
