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

TEST(PlainName, IsThatOfAnEventType) {
  for (const std::string name : {"call_start", "queue_agent_status", "cdr.v2", "x-1:y"})
    EXPECT_EQ(plain_name(name), name);
  for (const std::string other :
       {"4915112345678", "ring sip:ada@example.test", "call from +49 151 12345678", "anrufüber", "\x1b[31m"})
    EXPECT_EQ(plain_name(other), "(no plain name)");
  EXPECT_EQ(plain_name(std::string(65, 'a')), "(no plain name)");
}

}  // namespace
}  // namespace pbxbridge::text
