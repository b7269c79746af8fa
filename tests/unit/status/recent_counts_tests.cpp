#include "status/recent_counts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pbxbridge::status {
namespace {

using namespace std::chrono_literals;
using testing::DoubleNear;
using testing::ElementsAre;
using testing::IsEmpty;

class RecentCountsTest : public testing::Test {
 protected:
  void note(std::chrono::milliseconds at, std::vector<double> counts) { counts_.note(start_ + at, std::move(counts)); }

  const RecentCounts::Time start_{};
  RecentCounts counts_{60s};
};

TEST_F(RecentCountsTest, KnowsNoRateBeforeTheSecondLook) {
  EXPECT_EQ(counts_.per_second(10s), 0);
  note(0s, {1'000'000});
  EXPECT_EQ(counts_.per_second(10s), 0) << "what was counted before nobody saw grow";
  EXPECT_THAT(counts_.growth(10s), IsEmpty());
}

TEST_F(RecentCountsTest, ReckonsWithTheTimeThatPassedInFact) {
  note(0s, {0});
  note(1500ms, {300});
  EXPECT_DOUBLE_EQ(counts_.per_second(10s), 200);
}

TEST_F(RecentCountsTest, LooksBackAsFarAsItIsAsked) {
  for (int second = 0; second <= 60; ++second)
    note(std::chrono::seconds(second), {second < 50 ? 0.0 : (second - 50) * 100.0});
  EXPECT_DOUBLE_EQ(counts_.per_second(10s), 100);
  EXPECT_THAT(counts_.per_second(60s), DoubleNear(1000.0 / 60, 0.001));
}

TEST_F(RecentCountsTest, ForgetsWhatIsOld) {
  for (int second = 0; second < 1'000; ++second)
    note(std::chrono::seconds(second), {second < 500 ? second * 10.0 : 5000.0});
  EXPECT_EQ(counts_.per_second(60s), 0);
}

TEST_F(RecentCountsTest, BeginsAgainWhereACountDoes) {
  note(0s, {1000, 0});
  note(1s, {2000, 0});
  note(2s, {5, 0});
  EXPECT_EQ(counts_.per_second(10s), 0) << "never a negative rate";
  note(3s, {15, 5});
  EXPECT_DOUBLE_EQ(counts_.per_second(10s), 15);
  EXPECT_THAT(counts_.growth(10s), ElementsAre(10, 5));
  note(4s, {15, 5, 1});
  EXPECT_EQ(counts_.per_second(10s), 0) << "other counts than before";
}

TEST_F(RecentCountsTest, TakesTwoLooksAtTheSameInstant) {
  note(0s, {1});
  note(0s, {2});
  EXPECT_EQ(counts_.per_second(10s), 0);
}

TEST(Quantile, LiesWithinItsBucket) {
  const std::vector<double> bounds = {1, 2, 4};
  EXPECT_EQ(quantile(0.5, bounds, std::vector<double>{0, 0, 0, 0}), std::nullopt);
  EXPECT_EQ(quantile(0.5, bounds, std::vector<double>{}), std::nullopt);
  EXPECT_DOUBLE_EQ(*quantile(0.5, bounds, std::vector<double>{10, 0, 0, 0}), 0.5);
  EXPECT_DOUBLE_EQ(*quantile(0.5, bounds, std::vector<double>{5, 0, 5, 0}), 1);
  EXPECT_DOUBLE_EQ(*quantile(0.75, bounds, std::vector<double>{5, 0, 5, 0}), 3);
  EXPECT_DOUBLE_EQ(*quantile(0.99, bounds, std::vector<double>{0, 0, 0, 7}), 4) << "no more is known than that";
}

}  // namespace
}  // namespace pbxbridge::status
