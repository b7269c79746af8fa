#include "text/utf8.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace pbxbridge::text {
namespace {

TEST(Utf8, IsToldFromWhatIsNone) {
  const auto length = [](std::string_view text) { return utf8_length(text, 0); };
  EXPECT_EQ(length("a"), 1U);
  EXPECT_EQ(length("\xc3\xab"), 2U);
  EXPECT_EQ(length("\xe2\x82\xac"), 3U);
  EXPECT_EQ(length("\xf0\x9f\x98\x80"), 4U);
  EXPECT_EQ(length("\xeb"), 0U);
  EXPECT_EQ(length("\xeb"
                   "ab"),
            0U);
  EXPECT_EQ(length("\xc0\x80"), 0U);          // overlong
  EXPECT_EQ(length("\xe0\x80\x80"), 0U);      // overlong
  EXPECT_EQ(length("\xed\xa0\x80"), 0U);      // surrogate
  EXPECT_EQ(length("\xf4\x90\x80\x80"), 0U);  // beyond U+10FFFF
  EXPECT_EQ(length("\x80"), 0U);
  EXPECT_EQ(length("\xe2\x82"), 0U);
}

}  // namespace
}  // namespace pbxbridge::text
