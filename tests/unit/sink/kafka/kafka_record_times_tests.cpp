#include "sink/kafka/record_times.hpp"

#include <gtest/gtest.h>

namespace pbxbridge::sink {
namespace {

using namespace std::chrono_literals;
using Milliseconds = RecordTimes::Milliseconds;

constexpr Milliseconds now = 1'750'000'000s;

/// Records of these ages are sent until they are taken by a broker with this limit; batches that were rejected.
int rejections(RecordTimes& times, Milliseconds age, Milliseconds limit) {
  for (int rejected = 0;; ++rejected) {
    const Milliseconds sent = times.timestamp(now - age, now);
    if (sent == RecordTimes::no_time || std::chrono::abs(now - sent) <= limit) return rejected;
    times.rejected(std::chrono::abs(now - sent));
  }
}

TEST(RecordTimes, AreTheEventsOwnUntilOneIsRejected) {
  const RecordTimes times;
  EXPECT_TRUE(times.takes_all());
  EXPECT_EQ(times.timestamp(0ms, now), 0ms);
  EXPECT_EQ(times.timestamp(now + 24h, now), now + 24h);
}

TEST(RecordTimes, WhatIsTooFarFromThePresentIsSentWithThePresent) {
  RecordTimes times;
  times.rejected(2h);
  EXPECT_FALSE(times.takes_all());
  EXPECT_EQ(times.timestamp(now - 3h, now), now);
  EXPECT_EQ(times.timestamp(now + 2h, now), now);
  EXPECT_EQ(times.timestamp(now - 10min, now), now - 10min);
  EXPECT_FALSE(times.clocks_differ());
}

TEST(RecordTimes, ABacklogTeachesTheLimitInAFewBatches) {
  RecordTimes times;
  int rejected = 0;
  for (Milliseconds age = 2h; age >= 0ms; age -= 100ms) rejected += rejections(times, age, 1s);
  EXPECT_LT(rejected, 20);
  EXPECT_FALSE(times.clocks_differ());
}

TEST(RecordTimes, WhereThePresentIsRejectedNoneIsSent) {
  RecordTimes times;
  times.rejected(3min);
  times.rejected(2ms);
  EXPECT_TRUE(times.clocks_differ());
  EXPECT_EQ(times.timestamp(now, now), RecordTimes::no_time);
  EXPECT_EQ(times.timestamp(now - 1h, now), RecordTimes::no_time);
}

}  // namespace
}  // namespace pbxbridge::sink
