#include "config/load.hpp"
#include "pbxbridge/config/location.hpp"

#include <gtest/gtest.h>

namespace pbxbridge::config {
namespace {

TEST(DidYouMean, FindsTheNearestCandidate) {
  const std::vector<std::string_view> candidates = {"topic", "topics", "extensions", "to"};
  EXPECT_EQ(did_you_mean("topci", candidates), "topic");
  EXPECT_EQ(did_you_mean("topicss", candidates), "topics");
  EXPECT_EQ(did_you_mean("extension", candidates), "extensions");
  EXPECT_EQ(did_you_mean("queue", candidates), "");
  EXPECT_EQ(did_you_mean("", candidates), "");
  EXPECT_EQ(did_you_mean(std::string(100'000, 'x'), candidates), "");
}

TEST(Report, StandsInTheOrderOfTheFile) {
  Report report;
  report.warning({2, 1}, "later");
  report.error({1, 5}, "second");
  report.error({1, 2}, "first");
  report.error({}, "file");
  report.sort();
  EXPECT_EQ(format_problems(report, "f"),
            "f: error: file\nf:1:2: error: first\nf:1:5: error: second\nf:2:1: warning: later\n");
  EXPECT_EQ(report.error_count(), 3u);
}

TEST(Report, OfWarningsAloneHasNoErrors) {
  Report report;
  report.warning({1, 1}, "w");
  EXPECT_FALSE(report.has_errors());
}

}  // namespace
}  // namespace pbxbridge::config
