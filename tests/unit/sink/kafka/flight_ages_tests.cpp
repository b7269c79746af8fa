#include "sink/kafka/flight_ages.hpp"

#include <gtest/gtest.h>

namespace pbxbridge::sink {
namespace {

using namespace std::chrono_literals;

class FlightAgesTest : public testing::Test {
 protected:
  /// Turns as the producer's thread does, five times a second.
  void pass(std::chrono::milliseconds time) {
    for (const auto end = now_ + time; now_ < end; now_ += 200ms) ages_.turn(now_);
  }
  std::size_t send() {
    const std::size_t slot = ages_.slot();
    ages_.sent(slot);
    return slot;
  }
  bool has_older() const { return ages_.has_older(now_, 5s); }

  FlightAges ages_;
  FlightAges::Time now_{1h};
};

TEST_F(FlightAgesTest, OneThatWaitsIsNoticedAmongManyThatDoNot) {
  pass(1s);
  const auto waits = send();
  for (int second = 0; second < 10; ++second) {
    ages_.settled(send());
    EXPECT_FALSE(second < 4 && has_older()) << second << " s";
    pass(1s);
  }
  EXPECT_TRUE(has_older());
  pass(1min);
  EXPECT_TRUE(has_older());
  ages_.settled(waits);
  EXPECT_FALSE(has_older());
}

TEST_F(FlightAgesTest, WhatIsSettledInTimeIsNotOldHoweverMuchThereIs) {
  for (int second = 0; second < 100; ++second) {
    const auto slot = send();
    pass(1s);
    EXPECT_FALSE(has_older()) << second << " s";
    ages_.settled(slot);
  }
}

TEST_F(FlightAgesTest, OneAloneIsNoticedToo) {
  send();
  pass(9s);
  EXPECT_TRUE(has_older());
}

}  // namespace
}  // namespace pbxbridge::sink
