#include "event/attribute_text.hpp"
#include "event/sip_uri.hpp"
#include "event/utf8.hpp"

#include <gtest/gtest.h>

#include <string>

namespace pbxbridge::event {
namespace {

TEST(SipUser, IsWhatStandsBeforeTheHost) {
  EXPECT_EQ(sip_user("sip:101@example.test"), "101");
  EXPECT_EQ(sip_user("sips:101@example.test:5061;transport=tls"), "101");
  EXPECT_EQ(sip_user("SIP:101@example.test"), "101");
  EXPECT_EQ(sip_user("\"Ada\" <sip:101@example.test>;tag=1"), "101");
  EXPECT_EQ(sip_user("sip:101:secret@example.test"), "101");
  EXPECT_EQ(sip_user("101@example.test"), "101");
  EXPECT_EQ(sip_user("tel:+15550100"), "+15550100");
  EXPECT_EQ(sip_user("101"), "101");
  EXPECT_EQ(sip_user("sip:"), "");
  EXPECT_EQ(sip_user("sip:@example.test"), "");
  EXPECT_EQ(sip_user(""), "");
}

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

TEST(AttributeText, IsTheTextItselfWhereNothingHasToChange) {
  std::string buffer;
  const std::string_view plain = "call_start";
  EXPECT_EQ(attribute_text(plain, buffer).data(), plain.data());
}

TEST(AttributeText, ReplacesWhatHeadersAndTopicsCannotHold) {
  std::string buffer;
  EXPECT_EQ(attribute_text("Zo\xc3\xab\x7f", buffer), "Zo\xc3\xab_");
  EXPECT_EQ(attribute_text("Zo\xeb", buffer), "Zo_");
  EXPECT_EQ(attribute_text(std::string_view("a\0b", 3), buffer), "a_b");
  EXPECT_EQ(attribute_text("\xc2\x85", buffer), "_");
}

TEST(AttributeText, IsCutBetweenCharacters) {
  std::string buffer;
  EXPECT_EQ(attribute_text(std::string(255, 'a') + "\xc3\xab", buffer), std::string(255, 'a'));
}

}  // namespace
}  // namespace pbxbridge::event
