#include "route/glob.hpp"

#include <gtest/gtest.h>

#include <string>

namespace pbxbridge::route {
namespace {

bool matches(std::string_view pattern, std::string_view text) { return Glob(pattern).matches(text); }

TEST(Glob, WithoutWildcardsMatchesOneTextOnly) {
  EXPECT_TRUE(Glob("cdr").is_exact());
  EXPECT_TRUE(matches("cdr", "cdr"));
  EXPECT_FALSE(matches("cdr", "cdrs"));
  EXPECT_FALSE(matches("cdr", "cd"));
  EXPECT_FALSE(matches("cdr", "CDR"));
  EXPECT_TRUE(matches("", ""));
  EXPECT_FALSE(matches("", "a"));
}

TEST(Glob, StarStandsForAnyText) {
  EXPECT_FALSE(Glob("queue_*").is_exact());
  EXPECT_TRUE(matches("queue_*", "queue_status"));
  EXPECT_TRUE(matches("queue_*", "queue_"));
  EXPECT_FALSE(matches("queue_*", "queue"));
  EXPECT_TRUE(matches("*_status", "queue_agent_status"));
  EXPECT_TRUE(matches("*a*b*", "xxaxxbxx"));
  EXPECT_FALSE(matches("*a*b*", "xxbxxaxx"));
  EXPECT_TRUE(matches("*ab", "aab"));
  EXPECT_TRUE(matches("**", ""));
}

TEST(Glob, QuestionMarkStandsForOneCharacter) {
  EXPECT_TRUE(matches("10?", "101"));
  EXPECT_FALSE(matches("10?", "10"));
  EXPECT_FALSE(matches("10?", "1011"));
  EXPECT_TRUE(matches("Zo?", "Zo\xc3\xab"));
  EXPECT_TRUE(matches("?*", "a"));
  EXPECT_FALSE(matches("?*", ""));
  EXPECT_TRUE(matches("?", "\xff"));
}

TEST(Glob, TakesWildcardsLiterallyAfterABackslash) {
  EXPECT_TRUE(Glob(R"(\*97)").is_exact());
  EXPECT_TRUE(matches(R"(\*97)", "*97"));
  EXPECT_FALSE(matches(R"(\*97)", "197"));
  EXPECT_TRUE(matches(R"(a\\b)", R"(a\b)"));
  EXPECT_TRUE(matches(R"(a\b\)", R"(a\b\)"));
}

TEST(Glob, StaysFastOnPatternsThatAreHardForOthers) {
  std::string pattern;
  for (int i = 0; i < 50; ++i) pattern += "*a";
  EXPECT_FALSE(matches(pattern + "*b", std::string(100'000, 'a')));
}

}  // namespace
}  // namespace pbxbridge::route
