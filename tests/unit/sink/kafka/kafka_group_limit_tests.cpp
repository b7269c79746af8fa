#include "sink/kafka/group_limit.hpp"

#include <gtest/gtest.h>

namespace pbxbridge::sink {
namespace {

int rejections_until_alone(GroupLimit& limit) {
  int rejections = 0;
  for (; limit.records() > 1; ++rejections) limit.rejected();
  return rejections;
}

TEST(GroupLimit, IsHalvedUntilOneRecordIsAlone) {
  GroupLimit limit(3000);
  EXPECT_EQ(limit.records(), 1500U);
  EXPECT_EQ(rejections_until_alone(limit), 10);
  limit.rejected();
  EXPECT_EQ(limit.records(), 1U);
  EXPECT_EQ(GroupLimit(1).records(), 1U);
}

TEST(GroupLimit, IsOverSoonAfterTheOneRecordAtFault) {
  GroupLimit limit(1000);
  (void)rejections_until_alone(limit);
  limit.rejected_alone();
  int groups = 0;
  for (; !limit.is_over(); ++groups) limit.taken();
  EXPECT_EQ(groups, 11);
}

TEST(GroupLimit, TriesLargerGroupsLessOftenWhereTheseAreNeverTaken) {
  GroupLimit limit(2);
  int rejected = 0;
  for (int group = 0; group < 1000; ++group) {
    if (limit.records() == 1) {
      limit.taken();
    } else {
      limit.rejected();
      ++rejected;
    }
  }
  EXPECT_GT(rejected, 20);
  EXPECT_LT(rejected, 40);
  EXPECT_FALSE(limit.is_over());
}

}  // namespace
}  // namespace pbxbridge::sink
