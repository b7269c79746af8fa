#include "text/mask.hpp"

#include <gtest/gtest.h>

namespace pbxbridge::text {
namespace {

TEST(Mask, ShowsAtMostTwoOfTheLastCharacters) {
  EXPECT_EQ(masked(""), "");
  EXPECT_EQ(masked("101"), "***");
  EXPECT_EQ(masked("1001"), "***1");
  EXPECT_EQ(masked("80001234"), "******34");
  EXPECT_EQ(masked("+4915550100123"), "********23");
}

TEST(Mask, HidesAllOfWhatIsNotPlainText) {
  EXPECT_EQ(masked("1234567\xc3\xa9"), "********");
  EXPECT_EQ(masked("\x1b[31m1234567"), "********");
}

}  // namespace
}  // namespace pbxbridge::text
