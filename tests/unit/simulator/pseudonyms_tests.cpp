#include "simulator/record/pseudonyms.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace pbxbridge::sim {
namespace {

using ::testing::EndsWith;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

TEST(Pseudonyms, KeepLengthKindAndSigns) {
  Pseudonyms pseudonyms("a key");
  EXPECT_THAT(pseudonyms.replace("Ada B. o'Neil, x42"),
              MatchesRegex("[A-Z][a-z][a-z] [A-Z][.] [a-z]'[A-Z][a-z]{3}, [a-z][0-9]{2}"));
  EXPECT_THAT(pseudonyms.replace("+49 (155) 50100"), MatchesRegex("[+][0-9]{2} [(][0-9]{3}[)] [0-9]{5}"));
  EXPECT_THAT(pseudonyms.replace("sip:102@198.51.100.7:5960"),
              MatchesRegex("sip:[0-9]{3}@[0-9]{3}[.][0-9]{2}[.][0-9]{3}[.][0-9]:[0-9]{4}"));
  EXPECT_EQ(pseudonyms.replace(""), "");
  EXPECT_EQ(pseudonyms.replace(" -@.\t"), " -@.\t");
}

TEST(Pseudonyms, AreTheSameWhereverAWordStands) {
  Pseudonyms pseudonyms("a key");
  const auto number = pseudonyms.replace("15550100");
  EXPECT_NE(number, "15550100");
  EXPECT_EQ(pseudonyms.replace("sip:15550100@a"), "sip:" + number + "@" + pseudonyms.replace("a"));
  EXPECT_THAT(pseudonyms.replace("called from +15550100"), EndsWith("+" + number));
  const auto name = pseudonyms.replace("ada");
  EXPECT_THAT(pseudonyms.replace("ada@example.test"), StartsWith(name + "@"));
  EXPECT_EQ(pseudonyms.replace("ADA").size(), 3U);
  EXPECT_STRCASEEQ(pseudonyms.replace("Ada").c_str(), name.c_str());
}

TEST(Pseudonyms, DependOnTheKeyAlone) {
  EXPECT_EQ(Pseudonyms("one").replace("15550100 Ada"), Pseudonyms("one").replace("15550100 Ada"));
  EXPECT_NE(Pseudonyms("one").replace("15550100"), Pseudonyms("two").replace("15550100"));
  EXPECT_NE(Pseudonyms("one").number("weeks"), Pseudonyms("two").number("weeks"));
}

/// Without collisions: extensions that were different stay so, however short their numbers are.
TEST(Pseudonyms, AreAPermutationOfTheNumbersOfALength) {
  Pseudonyms pseudonyms("a key");
  for (const int first : {1, 10, 100, 1000}) {
    std::set<std::string> seen;
    for (int number = first; number < 10 * first; ++number) {
      const auto replaced = pseudonyms.replace(std::to_string(number));
      EXPECT_EQ(replaced.size(), std::to_string(number).size());
      EXPECT_NE(replaced.front(), '0') << "it could not stand in JSON";
      seen.insert(replaced);
    }
    EXPECT_EQ(seen.size(), 9U * static_cast<unsigned>(first));
  }
  EXPECT_THAT(pseudonyms.replace("0015550114"), MatchesRegex("0[0-9]{9}"));
  std::set<std::string> words;
  for (char a = 'a'; a <= 'z'; ++a)
    for (char b = 'a'; b <= 'z'; ++b) words.insert(pseudonyms.replace(std::string{a, b}));
  EXPECT_EQ(words.size(), 26U * 26U);
}

/// One initial or one digit that is known must not tell all others.
TEST(Pseudonyms, OfSingleSymbolsAreNoShift) {
  Pseudonyms pseudonyms("a key");
  std::set<int> shifts;
  std::set<std::string> letters;
  for (char letter = 'a'; letter <= 'z'; ++letter) {
    const auto replaced = pseudonyms.replace(std::string(1, letter));
    shifts.insert((replaced.front() - letter + 26) % 26);
    letters.insert(replaced);
  }
  EXPECT_EQ(letters.size(), 26U);
  EXPECT_GT(shifts.size(), 8U);
  EXPECT_EQ(pseudonyms.replace("0"), "0");
}

TEST(Pseudonyms, ReplaceOtherScriptsAndKeepTheirBytesInNumber) {
  Pseudonyms pseudonyms("a key");
  for (const std::string name : {"Müller", "Łukasz Żółć", "محمد", "王小明", "😀😀", "ΑΒΓ"}) {
    const auto replaced = pseudonyms.replace(name);
    EXPECT_EQ(replaced.size(), name.size());
    EXPECT_NE(replaced, name);
    EXPECT_EQ(pseudonyms.replace("<" + name + ">"), "<" + replaced + ">");
  }
  EXPECT_THAT(pseudonyms.replace("\xe2\x80\x8f"
                                 "12"),
              StartsWith("\xe2\x80\x8f"))
      << "a mark of direction is no letter";
  const auto latin_1 = pseudonyms.replace("M\xfcller \xc2");
  EXPECT_EQ(latin_1.size(), 8U);
  EXPECT_NE(latin_1, "M\xfcller \xc2");
}

}  // namespace
}  // namespace pbxbridge::sim
