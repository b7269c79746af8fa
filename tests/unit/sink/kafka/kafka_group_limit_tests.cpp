#include "sink/kafka/group_limit.hpp"

#include <gtest/gtest.h>

namespace pbxbridge::sink {
namespace {

int refusals_until_alone(GroupLimit& limit) {
  int refusals = 0;
  for (; limit.records() > 1; ++refusals) limit.refused();
  return refusals;
}

TEST(GroupLimit, IsHalvedUntilOneRecordIsAlone) {
  GroupLimit limit(3000);
  EXPECT_EQ(limit.records(), 1500U);
  EXPECT_EQ(refusals_until_alone(limit), 10);
  limit.refused();
  EXPECT_EQ(limit.records(), 1U);
  EXPECT_EQ(GroupLimit(1).records(), 1U);
}

TEST(GroupLimit, IsOverSoonAfterTheOneRecordAtFault) {
  GroupLimit limit(1000);
  (void)refusals_until_alone(limit);
  limit.refused_alone();
  int groups = 0;
  for (; !limit.is_over(); ++groups) limit.taken();
  EXPECT_EQ(groups, 11);
}

TEST(GroupLimit, TriesLargerGroupsLessOftenWhereTheseAreNeverTaken) {
  GroupLimit limit(2);
  int refused = 0;
  for (int group = 0; group < 1000; ++group) {
    if (limit.records() == 1) {
      limit.taken();
    } else {
      limit.refused();
      ++refused;
    }
  }
  EXPECT_GT(refused, 20);
  EXPECT_LT(refused, 40);
  EXPECT_FALSE(limit.is_over());
}

}  // namespace
}  // namespace pbxbridge::sink
