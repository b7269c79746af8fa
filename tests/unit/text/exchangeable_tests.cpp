#include "support/code_points.hpp"
#include "text/exchangeable.hpp"
#include "text/utf8.hpp"

#include <gtest/gtest.h>

#include <string>

namespace pbxbridge::text {
namespace {

using test::is_refusable;
using test::last_code_point;
using test::utf8;

std::string exchanged(std::string_view text) {
  std::string buffer;
  return std::string(exchangeable(text, buffer));
}

TEST(Exchangeable, LeavesOutWhatMqttLetsAReceiverRejectAndNothingElse) {
  for (char32_t code_point = 0; code_point <= last_code_point; ++code_point) {
    const std::string character = utf8(code_point);
    const bool refusable = is_refusable(code_point);
    ASSERT_EQ(exchanged("a" + character + "b") == "a" + character + "b", !refusable) << std::hex << +code_point;
    ASSERT_EQ(problem_of_exchange("a" + character).empty(), !refusable) << std::hex << +code_point;
    ASSERT_EQ(problem_of_exchange(exchanged(character)), "") << std::hex << +code_point;
  }
}

TEST(Exchangeable, ReplacesACharacterOnce) {
  EXPECT_EQ(exchanged("\xef\xbf\xbe"), "_");      // U+FFFE
  EXPECT_EQ(exchanged("\xef\xb7\x90"), "_");      // U+FDD0
  EXPECT_EQ(exchanged("\xf4\x8f\xbf\xbf"), "_");  // U+10FFFF
  EXPECT_EQ(exchanged("\xc2\x85"), "_");          // U+0085
  EXPECT_EQ(exchanged(std::string("\0\x7f", 2)), "__");
}

TEST(Exchangeable, ReplacesEachByteThatIsNoUtf8) {
  EXPECT_EQ(exchanged("Zo\xeb"), "Zo_");
  EXPECT_EQ(exchanged("\xed\xa0\x80"), "___");  // a surrogate
  EXPECT_EQ(exchanged("\xc0\x80"), "__");       // overlong
  EXPECT_EQ(exchanged("\xe2\x82"), "__");       // cut
}

TEST(Exchangeable, IsTheTextItselfWhereNothingHasToChange) {
  std::string buffer;
  const std::string_view plain = "call_start";
  EXPECT_EQ(exchangeable(plain, buffer).data(), plain.data());
}

TEST(ProblemOfExchange, NamesTheKindAndThePlace) {
  EXPECT_EQ(problem_of_exchange("Zo\xc3\xab"), "");
  EXPECT_EQ(problem_of_exchange("Zo\xeb"), "is not UTF-8 (at byte 3)");
  EXPECT_EQ(problem_of_exchange("a\n"), "has a control character (at byte 2)");
  EXPECT_EQ(problem_of_exchange("\xef\xbf\xbf"), "has a character that Unicode keeps out of interchange (at byte 1)");
}

}  // namespace
}  // namespace pbxbridge::text
