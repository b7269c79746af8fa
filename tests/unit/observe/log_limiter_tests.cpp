#include "observe/log_limiter.hpp"

#include <gtest/gtest.h>

namespace pbxbridge::observe {
namespace {

using namespace std::chrono_literals;

TEST(LogLimiterTest, WritesABurstThenCountsThenSaysHowManyWereLeftOut) {
  LogLimiter limiter;
  const LogLimiter::Time start = std::chrono::steady_clock::now();
  for (int i = 0; i < LogLimiter::burst; ++i) EXPECT_EQ(limiter.admit("a", start), 0U);
  EXPECT_EQ(limiter.admit("a", start + 1s), std::nullopt);
  EXPECT_EQ(limiter.admit("a", start + 2s), std::nullopt);
  EXPECT_EQ(limiter.admit("a", start + 60s), 2U);
  EXPECT_EQ(limiter.admit("a", start + 60s), 0U);
}

TEST(LogLimiterTest, OneKindDoesNotSilenceAnother) {
  LogLimiter limiter;
  const LogLimiter::Time start = std::chrono::steady_clock::now();
  for (int i = 0; i <= LogLimiter::burst; ++i) (void)limiter.admit("a", start);
  EXPECT_EQ(limiter.admit("b", start), 0U);
}

}  // namespace
}  // namespace pbxbridge::observe
