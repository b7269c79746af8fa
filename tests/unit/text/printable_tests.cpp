#include "text/printable.hpp"

#include <gtest/gtest.h>

#include <string>

namespace pbxbridge::text {
namespace {

constexpr std::size_t long_enough = 200;

TEST(OnOneLine, LeavesPlainAndForeignTextAlone) {
  EXPECT_EQ(on_one_line("access_token , username error: M\xc3\xbcller \xe4\xbd\xa0", long_enough),
            "access_token , username error: M\xc3\xbcller \xe4\xbd\xa0");
}

TEST(OnOneLine, MakesControlCharactersBlanks) {
  EXPECT_EQ(on_one_line(std::string_view("a\nb\x1b[31mc\0d\x7f", 12), long_enough), "a b [31mc d ");
  EXPECT_EQ(on_one_line("a\xc2\x9b"
                        "b",
                        long_enough),
            "a b");
}

TEST(OnOneLine, MakesWhatReordersOrHidesTextBlanks) {
  for (const std::string_view unseen : {"\xe2\x80\xae", "\xe2\x80\xa8", "\xe2\x81\xa6", "\xe2\x81\xa9", "\xe2\x80\x8b",
                                        "\xe2\x80\x8f", "\xef\xbb\xbf", "\xc2\xad", "\xf3\xa0\x81\x81", "\xef\xbf\xbe"})
    EXPECT_EQ(on_one_line("a" + std::string(unseen) + "b", long_enough), "a b");
}

TEST(OnOneLine, ReplacesWhatIsNoUtf8) { EXPECT_EQ(on_one_line("a\xff\xc3", long_enough), "a??"); }

TEST(OnOneLine, CutsLongTextBetweenCharacters) {
  EXPECT_EQ(on_one_line("1234567890", 4), "1234...");
  EXPECT_EQ(on_one_line("123\xc3\xbc", 4), "123...");
  EXPECT_EQ(on_one_line("1234", 4), "1234");
}

TEST(ForTerminal, WritesWhatATerminalWouldObeyAsJsonDoes) {
  EXPECT_EQ(for_terminal("a\tb\n\x1b[2J\xc2\x9b\xe2\x80\xae\x7f\r"), "a\tb\n\\u001b[2J\\u009b\\u202e\\u007f\\u000d");
  EXPECT_EQ(for_terminal("\xff Zo\xc3\xab"), "\\xff Zo\xc3\xab");
  EXPECT_EQ(for_terminal("\xf3\xa0\x81\x81"), "\\udb40\\udc41");
}

}  // namespace
}  // namespace pbxbridge::text
