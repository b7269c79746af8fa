#include "deliver/forbidden_topics.hpp"

#include <gtest/gtest.h>

#include <string>

namespace pbxbridge::deliver {
namespace {

TEST(ForbiddenTopics, TakeTwoSuspectsInARow) {
  ForbiddenTopics topics;
  EXPECT_TRUE(topics.empty());
  EXPECT_FALSE(topics.suspected("a"));
  EXPECT_FALSE(topics.suspected("b"));
  EXPECT_FALSE(topics.contains("a"));
  EXPECT_TRUE(topics.suspected("a"));
  EXPECT_FALSE(topics.suspected("a")) << "known already";
  EXPECT_TRUE(topics.contains("a"));
  EXPECT_FALSE(topics.contains("b"));
}

TEST(ForbiddenTopics, AreNoneOnceAnEventIsTaken) {
  ForbiddenTopics topics;
  topics.suspected("a");
  EXPECT_FALSE(topics.delivered("a"));
  EXPECT_FALSE(topics.delivered("b"));
  EXPECT_FALSE(topics.suspected("a")) << "the event may have been at fault itself";
  topics.suspected("a");
  EXPECT_TRUE(topics.delivered("a"));
  EXPECT_TRUE(topics.empty());
}

TEST(ForbiddenTopics, AreBounded) {
  ForbiddenTopics topics;
  topics.suspected("once");
  for (int i = 0; i < 63; ++i) {
    topics.suspected(std::to_string(i));
    topics.suspected(std::to_string(i));
  }
  EXPECT_FALSE(topics.suspected("new")) << "takes the place of the one that was suspected once";
  EXPECT_TRUE(topics.suspected("new"));
  EXPECT_FALSE(topics.suspected("one more"));
  EXPECT_FALSE(topics.suspected("one more"));
  EXPECT_TRUE(topics.contains("0"));
}

}  // namespace
}  // namespace pbxbridge::deliver
