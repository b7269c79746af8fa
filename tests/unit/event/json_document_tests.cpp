#include "event/json_document.hpp"
#include "event/json_repair.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::event {
namespace {

TEST(RepairedJson, QuotesOnlyWhatIsANumberAndTooLarge) {
  const auto repaired = [](std::string_view text) { return repair_json(text).text; };
  EXPECT_EQ(repaired("[12345678901234567890123]"), R"(["12345678901234567890123"])");
  EXPECT_EQ(repaired("[-12345678901234567890123, 1]"), R"(["-12345678901234567890123", 1])");
  EXPECT_EQ(repaired("[1.5e400]"), R"(["1.5e400"])");
  EXPECT_EQ(repaired("[12, -3.5]"), "[12, -3.5]");
  EXPECT_EQ(repaired("[0012345678901234567890123]"), "[0012345678901234567890123]");
  EXPECT_EQ(repaired("[1e]"), "[1e]");
  EXPECT_EQ(repaired(R"({12345678901234567890123 : 1})"), R"({12345678901234567890123 : 1})");
  EXPECT_EQ(repaired(R"(["12345678901234567890123"])"), R"(["12345678901234567890123"])");
  EXPECT_EQ(repaired(R"(["\"12345678901234567890123"])"), R"(["\"12345678901234567890123"])");
}

TEST(RepairedJson, ReplacesLoneSurrogatesAndKeepsPairs) {
  EXPECT_EQ(repair_json(R"("\ud83d\ude00")").text, R"("\ud83d\ude00")");
  EXPECT_EQ(repair_json(R"("\ud83dx")").text, R"("\ufffdx")");
  EXPECT_EQ(repair_json(R"("\ude00\ud83d")").text, R"("\ufffd\ufffd")");
  EXPECT_FALSE(repair_json(R"("\ud83d")").was_not_json);
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
    const auto found = digits.of(document.root()->at(0).value_unsafe(), document, std::array{std::string_view("0")});
    return found ? std::string(*found) : "(none)";
  };
  EXPECT_EQ(text("12"), "12");
  EXPECT_EQ(text("-12"), "-12");
  EXPECT_EQ(text("18446744073709551615"), "18446744073709551615");
  EXPECT_EQ(text("1.50"), "1.50");
  EXPECT_EQ(text("100000.0"), "100000");
  EXPECT_EQ(text("1.764e9"), "1764000000");
  EXPECT_EQ(text("9007199254740993.0"), "9007199254740993");
  EXPECT_EQ(text("1e400"), "1e400");
  EXPECT_EQ(text("1e30"), "1" + std::string(30, '0'));
  EXPECT_EQ(text("true"), "true");
  EXPECT_EQ(text("false"), "false");
  EXPECT_EQ(text("\"a\""), "a");
  EXPECT_EQ(text("null"), "(none)");
  EXPECT_EQ(text("[]"), "(none)");
  EXPECT_EQ(text("{}"), "(none)");
}

TEST(NumberToken, IsFoundByItsPathAndTheFirstOfARepeatedName) {
  JsonDocument document;
  document.parse(R"({"n":1.0,"a":[{"x":2},{"\u006e":2.50 , "n":3.5}],"n":4.5,"last":5.5e0})");
  const auto token = [&](std::vector<std::string_view> path) { return document.number_token(path).value_or("(none)"); };
  EXPECT_EQ(token({"n"}), "1.0");
  EXPECT_EQ(token({"a", "1", "n"}), "2.50");
  EXPECT_EQ(token({"last"}), "5.5e0");
  EXPECT_EQ(token({"a", "2", "n"}), "(none)");
  EXPECT_EQ(token({"a", "n"}), "(none)");
  EXPECT_EQ(token({"nothing"}), "(none)");
  EXPECT_EQ(token({"n"}), "1.0") << "asked again";
}

}  // namespace
}  // namespace pbxbridge::event
