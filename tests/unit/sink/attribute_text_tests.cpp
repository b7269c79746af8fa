#include "sink/attribute_text.hpp"

#include <gtest/gtest.h>

namespace pbxbridge::sink {
namespace {

using namespace std::chrono_literals;

TEST(AttributeText, KeepsUtf8) {
  EXPECT_EQ(attribute_text("sales \u00e4 \u20ac \U0001F4DE"), "sales \u00e4 \u20ac \U0001F4DE");
}

TEST(AttributeText, ReplacesControlCharacters) {
  EXPECT_EQ(attribute_text(std::string_view("\0\x1f\x7f", 3)), "\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(attribute_text("\xc2\x80 \xc2\x9f \xc2\xa0"), "\uFFFD \uFFFD \u00a0");
}

TEST(AttributeText, ReplacesNoncharacters) {
  EXPECT_EQ(attribute_text("\xef\xbf\xbe \xef\xb7\x90 \xf0\x9f\xbf\xbf"), "\uFFFD \uFFFD \uFFFD");
}

TEST(AttributeText, ReplacesBytesThatAreNoUtf8) {
  EXPECT_EQ(attribute_text("a\xffz"), "a\uFFFDz");
  EXPECT_EQ(attribute_text("\xc0\xaf"), "\uFFFD\uFFFD") << "overlong";
  EXPECT_EQ(attribute_text("\xed\xa0\x80"), "\uFFFD\uFFFD\uFFFD") << "surrogate";
  EXPECT_EQ(attribute_text("\xf4\x90\x80\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD") << "beyond U+10FFFF";
  EXPECT_EQ(attribute_text("a\xe2\x82"), "a\uFFFD\uFFFD") << "cut off";
}

TEST(Rfc3339, SaysTimes) {
  EXPECT_EQ(rfc3339(std::chrono::sys_seconds(0s)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(rfc3339(std::chrono::sys_seconds(-1s)), "1969-12-31T23:59:59Z");
  EXPECT_EQ(rfc3339(std::chrono::sys_seconds(1'709'210'096s)), "2024-02-29T12:34:56Z");
  EXPECT_EQ(rfc3339(SystemTime(-1ns)), "1969-12-31T23:59:59.999999999Z");
}

TEST(Rfc3339, HasFourDigitYearsOnly) {
  EXPECT_TRUE(is_rfc3339_time(std::chrono::sys_days(std::chrono::year(9999) / 12 / 31)));
  EXPECT_FALSE(is_rfc3339_time(std::chrono::sys_days(std::chrono::year(10000) / 1 / 1)));
  EXPECT_TRUE(is_rfc3339_time(std::chrono::sys_days(std::chrono::year(0) / 1 / 1)));
  EXPECT_FALSE(is_rfc3339_time(std::chrono::sys_days(std::chrono::year(-1) / 12 / 31)));
}

}  // namespace
}  // namespace pbxbridge::sink
