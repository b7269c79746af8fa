#include "sink/kafka/batch_refusals.hpp"

#include <gtest/gtest.h>

#include <string>

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

TEST(BatchRefusals, DoesNotGrowWithWhatIsNeverDeliveredAgain) {
  BatchRefusals refusals;
  refusals.add("cdr", "old", "{}");
  for (std::size_t n = 0; n < BatchRefusals::capacity; ++n) refusals.add("cdr", std::to_string(n), "{}");
  EXPECT_FALSE(refusals.contains("cdr", "old", "{}"));
  EXPECT_TRUE(refusals.contains("cdr", std::to_string(BatchRefusals::capacity - 1), "{}"));
}

}  // namespace
}  // namespace pbxbridge::sink
