#include "event/json_document.hpp"
#include "event/json_mend.hpp"

#include <gtest/gtest.h>

#include <string>

namespace pbxbridge::event {
namespace {

TEST(MendedJson, QuotesOnlyWhatIsANumberAndTooLarge) {
  const auto mended = [](std::string_view text) { return mend_json(text).text; };
  EXPECT_EQ(mended("[12345678901234567890123]"), R"(["12345678901234567890123"])");
  EXPECT_EQ(mended("[-12345678901234567890123, 1]"), R"(["-12345678901234567890123", 1])");
  EXPECT_EQ(mended("[1.5e400]"), R"(["1.5e400"])");
  EXPECT_EQ(mended("[12, -3.5]"), "[12, -3.5]");
  EXPECT_EQ(mended("[0012345678901234567890123]"), "[0012345678901234567890123]");
  EXPECT_EQ(mended("[1e]"), "[1e]");
  EXPECT_EQ(mended(R"({12345678901234567890123 : 1})"), R"({12345678901234567890123 : 1})");
  EXPECT_EQ(mended(R"(["12345678901234567890123"])"), R"(["12345678901234567890123"])");
  EXPECT_EQ(mended(R"(["\"12345678901234567890123"])"), R"(["\"12345678901234567890123"])");
}

TEST(MendedJson, ReplacesLoneSurrogatesAndKeepsPairs) {
  EXPECT_EQ(mend_json(R"("\ud83d\ude00")").text, R"("\ud83d\ude00")");
  EXPECT_EQ(mend_json(R"("\ud83dx")").text, R"("\ufffdx")");
  EXPECT_EQ(mend_json(R"("\ude00\ud83d")").text, R"("\ufffd\ufffd")");
  EXPECT_FALSE(mend_json(R"("\ud83d")").was_not_json);
}

TEST(JsonDocument, ReadsAgainWhenThePayloadDiffers) {
  JsonDocument document;
  document.parse("[1]");
  EXPECT_EQ(document.kind(), PayloadKind::json_other);
  document.parse("{}");
  EXPECT_EQ(document.kind(), PayloadKind::json_object);
  document.parse("{}");
  EXPECT_EQ(document.kind(), PayloadKind::json_object);
  document.parse("");
  EXPECT_EQ(document.kind(), PayloadKind::not_json);
  EXPECT_FALSE(document.root());
  document.parse("[12345678901234567890123]");
  EXPECT_TRUE(document.has_huge_number());
  document.parse("[1]");
  EXPECT_FALSE(document.has_huge_number());
}

TEST(ScalarText, WritesNumbersAsTheyStand) {
  JsonDocument document;
  const auto text = [&](const std::string& value) -> std::string {
    document.parse("[" + value + "]");
    ScalarText digits;
    const auto found = digits.of(document.root()->at(0).value_unsafe());
    return found ? std::string(*found) : "(none)";
  };
  EXPECT_EQ(text("12"), "12");
  EXPECT_EQ(text("-12"), "-12");
  EXPECT_EQ(text("18446744073709551615"), "18446744073709551615");
  EXPECT_EQ(text("1.5"), "1.5");
  EXPECT_EQ(text("true"), "true");
  EXPECT_EQ(text("false"), "false");
  EXPECT_EQ(text("\"a\""), "a");
  EXPECT_EQ(text("null"), "(none)");
  EXPECT_EQ(text("[]"), "(none)");
  EXPECT_EQ(text("{}"), "(none)");
}

}  // namespace
}  // namespace pbxbridge::event
