#include "retry/backoff.hpp"

#include <gtest/gtest.h>

namespace pbxbridge::retry {
namespace {

using namespace std::chrono_literals;

constexpr double almost_one = 0.999999999;

TEST(Backoff, CeilingDoublesUpToTheMaximum) {
  Backoff backoff(500ms, 30s, [] { return almost_one; });
  EXPECT_EQ(backoff.next(), 1s);
  EXPECT_EQ(backoff.next(), 2s);
  EXPECT_EQ(backoff.next(), 4s);
  EXPECT_EQ(backoff.next(), 8s);
  EXPECT_EQ(backoff.next(), 16s);
  EXPECT_EQ(backoff.next(), 30s);
  EXPECT_EQ(backoff.next(), 30s);
}

TEST(Backoff, NeverGoesBelowTheInitialDelay) {
  Backoff backoff(30s, 5min, [] { return 0.0; });
  for (int attempt = 0; attempt < 10; ++attempt) EXPECT_EQ(backoff.next(), 30s);
}

TEST(Backoff, SpreadsDelaysOverTheWholeRange) {
  Backoff backoff(500ms, 30s, [] { return 0.5; });
  EXPECT_EQ(backoff.next(), 750ms);
  EXPECT_EQ(backoff.next(), 1250ms);
}

TEST(Backoff, IsShortAgainAfterAReset) {
  Backoff backoff(500ms, 30s, [] { return almost_one; });
  for (int attempt = 0; attempt < 100; ++attempt) backoff.next();
  backoff.reset();
  EXPECT_EQ(backoff.next(), 1s);
}

TEST(Backoff, StaysWithinItsRangeWithRealRandomNumbers) {
  Backoff backoff(500ms, 30s);
  for (int attempt = 0; attempt < 1000; ++attempt) {
    const auto delay = backoff.next();
    EXPECT_GE(delay, 500ms);
    EXPECT_LE(delay, 30s);
  }
}

TEST(Backoff, HoldsAMaximumBelowTheInitialDelayForEqual) {
  Backoff backoff(10s, 1s, [] { return almost_one; });
  EXPECT_EQ(backoff.next(), 10s);
  EXPECT_EQ(backoff.next(), 10s);
}

}  // namespace
}  // namespace pbxbridge::retry
