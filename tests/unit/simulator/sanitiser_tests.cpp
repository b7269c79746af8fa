#include "simulator/record/sanitiser.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

namespace pbxbridge::sim {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

Sanitiser sanitiser(Sanitiser::Words keep = {}) {
  Sanitiser result("a key of the tests", std::move(keep));
  result.set_span({1'700'000'000, 1'800'000'000});
  return result;
}

std::vector<json> samples() {
  std::vector<json> events;
  for (const auto& entry : std::filesystem::directory_iterator(PBXBRIDGE_SOURCE_DIRECTORY "/tests/support/events"))
    events.push_back(json::parse(std::ifstream(entry.path())));
  EXPECT_EQ(events.size(), 18U);
  return events;
}

/// Calls with the path of each value that is no object and no list.
void for_each_value(json& value, const std::function<void(json&)>& call) {
  if (!value.is_structured()) return call(value);
  for (auto& element : value) for_each_value(element, call);
}

const std::vector<std::string> planted{"+4915550142",           "15550142001",
                                       "Wilhelmina Hopper",     "Ægir Þórðarson",
                                       "w.hopper@acme.example", "sip:5551422@acme.example",
                                       "محمد عبدالله",          "2025550142",
                                       "call me on 5550142"};

TEST(Sanitiser, LetsNothingThroughThatIsPlantedInAnyFieldOfAnyEvent) {
  auto subject = sanitiser();
  for (const auto& text : planted)
    for (auto event : samples()) {
      for_each_value(event, [&](json& value) { value = text; });
      const auto replaced = subject.message(event.dump());
      auto words = std::istringstream(text);
      for (std::string word; words >> word;) {
        if (word.size() < 5) continue;
        EXPECT_THAT(replaced, Not(HasSubstr(word))) << event["event_type"];
      }
      EXPECT_TRUE(json::accept(replaced)) << replaced;
    }
}

TEST(Sanitiser, LetsNothingThroughThatIsPlantedAsANumberOrAsTheNameOfAField) {
  auto subject = sanitiser();
  for (auto event : samples()) {
    for_each_value(event, [&](json& value) { value = 15550142001; });
    event["Wilhelmina"] = {{"4915550142", true}};
    const auto replaced = subject.message(event.dump());
    for (const auto* word : {"15550142001", "Wilhelmina", "4915550142"}) EXPECT_THAT(replaced, Not(HasSubstr(word)));
    EXPECT_TRUE(json::accept(replaced)) << replaced;
  }
}

TEST(Sanitiser, KeepsShapeLengthAndTheProtocolsOwnWords) {
  auto subject = sanitiser();
  for (const auto& event : samples()) {
    const auto text = event.dump();
    const auto replaced = subject.message(text);
    EXPECT_EQ(replaced.size(), text.size());
    auto before = event.flatten();
    const auto after = json::parse(replaced).flatten();
    ASSERT_EQ(before.size(), after.size());
    EXPECT_EQ(after["/event_type"], event["event_type"]);
    for (const auto& [path, value] : before.items()) {
      ASSERT_TRUE(after.contains(path)) << path;
      EXPECT_EQ(after[path].type(), value.type()) << path;
      for (const auto* name : {"call_status", "direction", "presence", "state", "status_code", "ring_duration",
                               "position", "enabled", "online", "reason", "end_reason"})
        if (path.ends_with(std::string("/") + name)) {
          EXPECT_EQ(after[path], value) << path;
        }
    }
  }
  EXPECT_THAT(subject.unknown_words(), ElementsAre());
}

TEST(Sanitiser, KeepsJoins) {
  auto subject = sanitiser();
  const auto start = json::parse(subject.message(
      R"({"event_type":"call_start","caller":"sip:101@example.test","session_id":"710000000000009500","caller_display_name":"Ada"})"));
  const auto record = json::parse(subject.message(
      R"({"caller":"101","caller_domain":"example.test","session_id":"710000000000009500","call_targets":[{"caller":"101","destination":"sip:101@example.test"}],"email":"ada@example.test"})"));
  EXPECT_EQ(start["session_id"], record["session_id"]);
  EXPECT_EQ(start["caller"],
            "sip:" + record["caller"].get<std::string>() + "@" + record["caller_domain"].get<std::string>());
  EXPECT_EQ(record["call_targets"][0]["caller"], record["caller"]);
  EXPECT_EQ(record["call_targets"][0]["destination"], start["caller"]);
  EXPECT_THAT(record["email"].get<std::string>(), HasSubstr(record["caller_domain"].get<std::string>()));
}

TEST(Sanitiser, MovesTimesTogetherByWholeWeeks) {
  auto subject = sanitiser();
  const auto moved = json::parse(subject.message(
      R"({"start_time":"1764000061","ended_time":"1764000099","time":1764000061000,"answered_time":"0"})"));
  const auto start = std::stoll(moved["start_time"].get<std::string>());
  EXPECT_NE(start, 1764000061);
  EXPECT_EQ((1764000061 - start) % (7 * 24 * 3600), 0);
  EXPECT_EQ(std::stoll(moved["ended_time"].get<std::string>()) - start, 38);
  EXPECT_EQ(moved["time"], start * 1000);
  EXPECT_EQ(moved["answered_time"], "0");
  EXPECT_EQ(subject.started_us(1764000061'000'000), start * 1'000'000);
}

TEST(Sanitiser, ReplacesATelephoneNumberThatStandsInTheFieldOfATime) {
  constexpr std::int64_t seconds_of_a_week = 7 * 24 * 3600;
  for (const std::int64_t number : {2'025'550'142, 1'699'999'999, 1'800'000'001}) {
    auto subject = sanitiser();
    const auto replaced =
        json::parse(subject.message(fmt::format(R"({{"time":"{0}","start_time":{0},"ended_time":{0}000}})", number)));
    const auto text = replaced["time"].get<std::string>();
    EXPECT_EQ(text.size(), 10U);
    EXPECT_NE((number - std::stoll(text)) % seconds_of_a_week, 0);
    EXPECT_EQ(replaced["start_time"], std::stoll(text));
    EXPECT_NE((number - replaced["ended_time"].get<std::int64_t>() / 1000) % seconds_of_a_week, 0);
  }
  auto of_no_time = Sanitiser("a key of the tests", {});
  EXPECT_NE(std::stoll(json::parse(of_no_time.message(R"({"time":"1764000061"})"))["time"].get<std::string>()) %
                seconds_of_a_week,
            1764000061 % seconds_of_a_week);
}

TEST(Sanitiser, KeepsWhatIsUntidyUntidy) {
  auto subject = sanitiser();
  const auto twice = subject.message(R"({ "username" : "ada" , "username":"ada","time":"noon" })");
  const auto name = subject.message("ada");
  EXPECT_THAT(twice, ::testing::StartsWith(R"({ "username" : ")" + name + R"(" , "username":")" + name + "\""));
  EXPECT_EQ(subject.message(R"({"time":"1764000061)").size(), 19U) << "a text without its end";
  EXPECT_THAT(subject.message("Ada said \"call 15550142001\" {]}"), ::testing::EndsWith("\" {]}"));
  EXPECT_EQ(
      json::parse(subject.message(R"({"user_data":"{\"name\":\"Ada\\n\"}"})"))["user_data"].get<std::string>().size(),
      16U);
  EXPECT_THAT(subject.message(R"({"caller_name":"\u0041\u0064\u0061 L\u00f6vel"})"), Not(HasSubstr("u0041")));
  const std::string deep = std::string(5000, '[') + "15550142001";
  EXPECT_THAT(subject.message(deep), Not(HasSubstr("15550142001")));
}

TEST(Sanitiser, NumbersStayNumbers) {
  auto subject = sanitiser();
  EXPECT_TRUE(
      json::accept(subject.message(R"({"id":-120.50e+10,"did":0,"x":[0.5,10,1e5,123456789012345678901234567890]})")));
  EXPECT_THAT(subject.message(R"({"id":1e15550142})"), Not(HasSubstr("15550142"))) << "no exponent is so large";
  EXPECT_EQ(subject.message(R"({"talk_duration":38})"), R"({"talk_duration":38})");
  EXPECT_NE(subject.message(R"({"talk_duration":15550142})"), R"({"talk_duration":15550142})");
}

TEST(Sanitiser, NamesWhatItDidNotKnowAndLetsThroughWhatItIsToldTo) {
  const std::string event = R"({"event_type":"call_parked","lot":"A","lot":"B"})";
  auto strict = sanitiser();
  EXPECT_THAT(strict.message(event), Not(HasSubstr("call_parked")));
  EXPECT_THAT(strict.unknown_words(), ElementsAre(Pair("call_parked", 1), Pair("lot", 2)));
  auto told = sanitiser({"call_parked", "lot"});
  const auto kept = told.message(event);
  EXPECT_THAT(kept, HasSubstr(R"({"event_type":"call_parked","lot":")"));
  EXPECT_NE(kept, event) << "the value of a field is not let through with its name";
}

}  // namespace
}  // namespace pbxbridge::sim
