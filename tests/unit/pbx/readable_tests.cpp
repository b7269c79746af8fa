#include "pbx/readable.hpp"

#include <gtest/gtest.h>

namespace pbxbridge::pbx {
namespace {

TEST(Readable, LeavesPlainAndForeignTextAlone) {
  EXPECT_EQ(readable("access_token , username error: Müller \xe4\xbd\xa0"),
            "access_token , username error: Müller \xe4\xbd\xa0");
}

TEST(Readable, MakesControlCharactersBlanks) {
  EXPECT_EQ(readable(std::string_view("a\nb\x1b[31mc\0d\x7f", 12)), "a b [31mc d ");
  EXPECT_EQ(readable("a\xc2\x9b"
                     "b"),
            "a b");
}

TEST(Readable, MakesWhatReordersTextBlanks) {
  EXPECT_EQ(readable("a\xe2\x80\xae"
                     "b\xe2\x80\xa8"
                     "c"),
            "a b c");
}

TEST(Readable, ReplacesWhatIsNoUtf8) { EXPECT_EQ(readable("a\xff\xc3"), "a??"); }

TEST(Readable, CutsLongTextBetweenCharacters) {
  EXPECT_EQ(readable("1234567890", 4), "1234...");
  EXPECT_EQ(readable("123\xc3\xbc", 4), "123...");
  EXPECT_EQ(readable("1234", 4), "1234");
}

TEST(WithoutSecret, HidesEachOccurrence) {
  EXPECT_EQ(without_secret("bad password hunter2, not hunter2", "hunter2"), "bad password [secret], not [secret]");
  EXPECT_EQ(without_secret("nothing to hide", ""), "nothing to hide");
  EXPECT_EQ(without_secret("s", "s"), "[secret]");
}

}  // namespace
}  // namespace pbxbridge::pbx
