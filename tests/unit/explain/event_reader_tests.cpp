#include "explain/event_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

namespace pbxbridge::explain {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

/// `LINE PAYLOAD` for an event, `LINE:COLUMN error` for what is none.
std::vector<std::string> read(const std::string& text, InputForm form = InputForm::json) {
  std::istringstream input(text);
  EventReader reader(input, form);
  std::vector<std::string> all;
  while (const auto next = reader.next()) {
    if (const auto* const event = std::get_if<InputEvent>(&*next))
      all.push_back(std::to_string(event->line) + " " + event->payload);
    else
      all.push_back(std::to_string(std::get<InputError>(*next).line) + ":" +
                    std::to_string(std::get<InputError>(*next).column) + " " + std::get<InputError>(*next).text);
  }
  return all;
}

TEST(EventReader, EachLineIsAnEvent) {
  EXPECT_THAT(read("{\"a\":1}\n\n  \n{\"b\":2}\r\n{\"c\":3}"),
              ElementsAre("1 {\"a\":1}", "4 {\"b\":2}", "5 {\"c\":3}"));
}

TEST(EventReader, ThereMayBeNone) {
  EXPECT_THAT(read(""), ElementsAre());
  EXPECT_THAT(read("\n\n \t\n"), ElementsAre());
}

TEST(EventReader, AValueMayGoOverSeveralLinesAndKeepsItsBytes) {
  EXPECT_THAT(read("{\n  \"a\": {\n    \"b\": [1, 2]\n  }\n}\n"),
              ElementsAre("1 {\n  \"a\": {\n    \"b\": [1, 2]\n  }\n}"));
}

TEST(EventReader, SeveralSuchValuesFollowEachOther) {
  EXPECT_THAT(read("{\n  \"a\": 1\n}\n{\n  \"b\": 2\n}\n{\"c\": 3}\n"),
              ElementsAre("1 {\n  \"a\": 1\n}", "4 {\n  \"b\": 2\n}", "7 {\"c\": 3}"));
}

TEST(EventReader, ABadLineIsNamedWithItsPlaceAndTheOthersAreRead) {
  EXPECT_THAT(read("{\"a\":1}\nnot json\n{\"b\":2}\n"),
              ElementsAre("1 {\"a\":1}", StartsWith("2:2 not JSON: "), "3 {\"b\":2}"));
}

TEST(EventReader, ALineThatWasCutDoesNotSwallowTheNext) {
  for (const std::string cut : {R"({"a": 1, "b":)", R"({"a": 1,)", R"({"a": [1,)", R"({"a": "text)", R"({"a")", "{"})
    for (const std::string next : {R"({"b":2})", R"({"b":2}
{"c":3})"}) {
      const auto all = read(cut + "\n" + next + "\n");
      EXPECT_THAT(all.front(), HasSubstr("not JSON")) << cut;
      EXPECT_EQ(all.size(), next.find('\n') == std::string::npos ? 2U : 3U)
          << cut << " " << testing::PrintToString(all);
      EXPECT_EQ(all[1], "2 {\"b\":2}") << cut;
    }
}

TEST(EventReader, TheColumnIsWhereTheTextStopsToBeJson) {
  EXPECT_THAT(read("{\"a\": nul}").front(), StartsWith("1:10 not JSON: "));
  EXPECT_THAT(read("{\"a\": 1} {\"b\": 2}").front(), StartsWith("1:10 not JSON: "));
}

TEST(EventReader, AnErrorInsideAValueOverSeveralLinesIsNamedOnce) {
  EXPECT_THAT(read("{\n  \"a\": 1,\n  \"b\" 2\n}\n{\n  \"c\": 3\n}\n"),
              ElementsAre(StartsWith("3:7 not JSON: "), "5 {\n  \"c\": 3\n}"));
}

TEST(EventReader, AValueThatNeverEndsIsNamedAtTheEnd) {
  EXPECT_THAT(read("{\n  \"a\": 1,\n"), ElementsAre(StartsWith("2:")));
}

TEST(EventReader, UntidyEventsAreEvents) {
  const std::string latin = "{\"name\":\"M\xfcller\"}";
  EXPECT_THAT(read(latin + "\n{\"n\":123456789012345678901234567890}\n42\n{\"a\":1,\"a\":2}\n"),
              ElementsAre("1 " + latin, "2 {\"n\":123456789012345678901234567890}", "3 42", "4 {\"a\":1,\"a\":2}"));
}

TEST(EventReader, AsLinesAnythingIsAnEvent) {
  EXPECT_THAT(read("not json\n{\n}\n", InputForm::lines), ElementsAre("1 not json", "2 {", "3 }"));
}

/// Each of them could be the beginning of a value over all that follow.
TEST(EventReader, ManyCutLinesCostNoMoreThanTheirLength) {
  std::string text;
  constexpr int count = 20'000;
  for (int i = 0; i < count; ++i) text += "{\"a\": [ {\"b\": 1},\n";
  EXPECT_EQ(read(text).size(), static_cast<std::size_t>(count));
}

}  // namespace
}  // namespace pbxbridge::explain
