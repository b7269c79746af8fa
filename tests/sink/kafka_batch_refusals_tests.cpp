#include "sink/kafka/batch_refusals.hpp"

#include <gtest/gtest.h>

namespace pbxbridge::sink {
namespace {

TEST(BatchRefusals, KnowsWhatWasAddedUntilItIsRemoved) {
  BatchRefusals refusals;
  EXPECT_FALSE(refusals.contains("cdr", "101", "{}"));
  refusals.add("cdr", "101", "{}");
  EXPECT_TRUE(refusals.contains("cdr", "101", "{}"));
  refusals.remove("cdr", "101", "{}");
  EXPECT_FALSE(refusals.contains("cdr", "101", "{}"));
}

TEST(BatchRefusals, TellsTopicKeyAndValueApart) {
  BatchRefusals refusals;
  refusals.add("a", "b", "c");
  EXPECT_FALSE(refusals.contains("a", "c", "b"));
  EXPECT_FALSE(refusals.contains("b", "a", "c"));
  EXPECT_FALSE(refusals.contains("a", "b", ""));
}

}  // namespace
}  // namespace pbxbridge::sink
