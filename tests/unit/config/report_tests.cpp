#include "config/load.hpp"
#include "pbxbridge/config/location.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

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

TEST(Report, IsShownUpToAHundredProblemsErrorsRatherThanWarnings) {
  Report report;
  for (int line = 1; line <= 150; ++line) report.warning({line, 1}, "w");
  report.error({200, 1}, "e");
  for (int line = 201; line <= 250; ++line) report.warning({line, 1}, "w");
  const std::string shown = format_problems(report, "f");
  EXPECT_EQ(std::count(shown.begin(), shown.end(), '\n'), 101);
  EXPECT_TRUE(shown.starts_with("f:1:1: warning: w\n"));
  EXPECT_TRUE(shown.ends_with("f:99:1: warning: w\nf:200:1: error: e\nf: and 101 more\n")) << shown;
  Report errors;
  for (int line = 100; line > 0; --line) errors.error({line, 1}, "e");
  EXPECT_TRUE(format_problems(errors, "f").ends_with("f:100:1: error: e\n"));
}

TEST(Report, FindsItsFirstError) {
  Report report;
  report.warning({1, 1}, "w");
  EXPECT_EQ(report.first_error(), nullptr);
  report.error({3, 2}, "later");
  report.error({3, 1}, "first");
  report.error({3, 1}, "second");
  ASSERT_NE(report.first_error(), nullptr);
  EXPECT_EQ(report.first_error()->text, "first");
}

TEST(Report, OfWarningsAloneHasNoErrors) {
  Report report;
  report.warning({1, 1}, "w");
  EXPECT_FALSE(report.has_errors());
}

}  // namespace
}  // namespace pbxbridge::config
