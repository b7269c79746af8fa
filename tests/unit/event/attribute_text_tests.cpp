#include "event/attribute_text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace pbxbridge::event {
namespace {

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
  EXPECT_EQ(attribute_text("a\xef\xbf\xbe", buffer), "a_");  // U+FFFE
}

TEST(AttributeText, IsCutBetweenCharacters) {
  std::string buffer;
  EXPECT_EQ(attribute_text(std::string(255, 'a') + "\xc3\xab", buffer), std::string(255, 'a'));
}

}  // namespace
}  // namespace pbxbridge::event
