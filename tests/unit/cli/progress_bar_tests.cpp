#include "cli/progress_bar.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace pbxbridge::cli {
namespace {

using std::chrono::seconds;

TEST(ProgressLine, HasABarTheRateAndTheTimeLeft) {
  EXPECT_EQ(progress_line({"events", 500'000, 2'000'000, seconds(10)}, 100, false),
            "[#######-----------------------]  25 %  500,000 events, 50,000/s, 30 s left");
  EXPECT_EQ(progress_line({"events", 10, 10, seconds(100)}, 60, false),
            "[##########################] 100 %  10 events, 0/s, 0 s left");
  EXPECT_THAT(progress_line({"events", 1000, 1'000'000, seconds(1)}, 100, false),
              testing::EndsWith("16 min 39 s left"));
  EXPECT_THAT(progress_line({"events", 1, 10'000, seconds(1)}, 100, false), testing::EndsWith("2 h 46 min left"));
}

TEST(ProgressLine, SaysLessWhereLessIsKnown) {
  EXPECT_EQ(progress_line({"events", 0, 100, seconds(1)}, 100, false),
            "[------------------------------]   0 %  0 events, 0/s");
  EXPECT_EQ(progress_line({"events", 5, 0, seconds(1)}, 100, false), "5 events, 5/s");
  EXPECT_THAT(progress_line({"events", 120, 100, seconds(1)}, 100, false), testing::HasSubstr("100 %"))
      << "more came while it was counted";
}

TEST(ProgressLine, FitsTheTerminal) {
  for (std::size_t columns = 0; columns < 120; ++columns)
    EXPECT_LE(progress_line({"events", 1'234'567, 2'345'678, seconds(10)}, columns, false).size(), columns);
}

TEST(ProgressLine, IsInColourWhereAsked) {
  EXPECT_THAT(progress_line({"events", 1, 2, seconds(1)}, 100, true), testing::StartsWith("\x1b[32m[####"));
}

TEST(ProgressBar, WritesNothingWhereNobodyIsWatching) {
  std::ostringstream errors;
  ProgressBar bar("events", 10, errors);
  for (int i = 0; i < 1'000'000; ++i) bar.add();
  EXPECT_EQ(errors.str(), "");
}

}  // namespace
}  // namespace pbxbridge::cli
