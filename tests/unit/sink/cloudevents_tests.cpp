#include "event/classifier.hpp"
#include "pbxbridge/cloudevents.hpp"
#include "pbxbridge/event.hpp"
#include "sink/json_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace pbxbridge::sink {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Key;
using testing::Not;
using testing::Pair;
using namespace std::chrono_literals;

EventAttributes queue_status_attributes() {
  EventAttributes attributes;
  attributes.pbx = "hq";
  attributes.event_type = "queue_status";
  attributes.tenant = "710000000000000001";
  attributes.entity = "8001";
  attributes.entity_kind = EntityKind::queue;
  attributes.family = Family::queue;
  attributes.payload_kind = PayloadKind::json_object;
  attributes.event_time = std::chrono::sys_seconds(1'764'000'068s);
  attributes.received_at = SystemTime(1'764'000'069'123'456'789ns);
  attributes.connection_epoch = 3;
  attributes.content_hash = {0xab, 0xcd};
  return attributes;
}

EventPtr accepted(std::string_view payload, const EventAttributes& attributes) {
  auto event = Event::make(payload, attributes);
  event->accept(Sequence{(std::uint64_t{2} << Sequence::counter_bits) + 7}, *SpoolId::from_text("0123456789abcdef"));
  return event;
}

EventPtr not_json(std::string_view payload) {
  auto attributes = queue_status_attributes();
  attributes.payload_kind = PayloadKind::not_json;
  return accepted(payload, attributes);
}

using NamesAndValues = std::vector<std::pair<std::string, std::string>>;

NamesAndValues in_order(const Event& event, AttributeSelection selection = AttributeSelection(AttributeChoice::full),
                        bool redelivered = false) {
  CloudEventAttributes attributes(selection);
  attributes.compose(event, redelivered);
  NamesAndValues all;
  for (const auto& [name, value] : attributes) all.emplace_back(name, value);
  return all;
}

std::map<std::string, std::string> attributes_of(const Event& event, bool redelivered = false) {
  const auto all = in_order(event, AttributeSelection(AttributeChoice::full), redelivered);
  return {all.begin(), all.end()};
}

nlohmann::json structured(const Event& event) {
  const auto line = cloudevents_structured(event);
  EXPECT_THAT(line, AllOf(Not(HasSubstr("\n")), Not(HasSubstr("\r"))));
  return nlohmann::json::parse(line);
}

TEST(CloudEventAttributes, SayWhatIsKnownOfAnEvent) {
  EXPECT_THAT(attributes_of(*accepted("{}", queue_status_attributes())),
              (std::map<std::string, std::string>{
                  {"specversion", "1.0"},
                  {"id", "0123456789abcdef-0000020000000007"},
                  {"source", "/pbx/hq"},
                  {"type", "com.portsip.pbx.queue_status"},
                  {"subject", "8001"},
                  {"time", "2025-11-24T16:01:08Z"},
                  {"pbx", "hq"},
                  {"family", "queue"},
                  {"tenant", "710000000000000001"},
                  {"entitykind", "queue"},
                  {"receivedtime", "2025-11-24T16:01:09.123456789Z"},
                  {"sequence", "0000020000000007"},
                  {"epoch", "3"},
                  {"contenthash", "abcd0000000000000000000000000000"},
              }));
}

TEST(CloudEventAttributes, MarkARedelivery) {
  const auto event = accepted("{}", queue_status_attributes());
  EXPECT_EQ(attributes_of(*event, true)["redelivered"], "true");
  EXPECT_THAT(cloudevents_structured(*event, true), HasSubstr(R"("redelivered":"true")"));
  EXPECT_THAT(cloudevents_structured(*event), Not(HasSubstr("redelivered")));
}

TEST(CloudEventAttributes, MarkASnapshotWhateverIsSelected) {
  auto attributes = queue_status_attributes();
  EXPECT_FALSE(attributes_of(*accepted("{}", attributes)).contains("snapshot"));
  attributes.is_snapshot = true;
  const auto event = accepted("{}", attributes);
  EXPECT_EQ(attributes_of(*event, true)["snapshot"], "true") << "next to all others";
  EXPECT_THAT(in_order(*event, AttributeSelection(AttributeChoice::minimal)), Contains(Pair("snapshot", "true")));
  EXPECT_THAT(cloudevents_structured(*event), HasSubstr(R"("snapshot":"true")"));
}

TEST(CloudEventAttributes, BeginWithTheRequiredOnes) {
  auto all = in_order(*accepted("{}", queue_status_attributes()));
  all.resize(4);
  EXPECT_THAT(all, ElementsAre(Key("specversion"), Key("id"), Key("source"), Key("type")));
}

TEST(CloudEventAttributes, AreThoseThatAreSelected) {
  const auto event = accepted("{}", queue_status_attributes());
  const auto with = [&](std::vector<AttributeChoice> choices) { return in_order(*event, AttributeSelection(choices)); };
  using enum AttributeChoice;
  EXPECT_THAT(with({}), ElementsAre(Key("specversion"), Key("id"), Key("source"), Key("type")));
  EXPECT_THAT(with({minimal}),
              ElementsAre(Key("specversion"), Key("id"), Key("source"), Key("type"), Key("subject"), Key("time")));
  EXPECT_THAT(with({contenthash, tenant}), ElementsAre(Key("specversion"), Key("id"), Key("source"), Key("type"),
                                                       Key("tenant"), Key("contenthash")));
  EXPECT_EQ(with({full}).size(), 14U);
  EXPECT_THAT(in_order(*event, AttributeSelection(minimal), true), Contains(Pair("redelivered", "true")));
}

TEST(CloudEventAttributes, AreThoseOfTheLastEvent) {
  CloudEventAttributes attributes(AttributeSelection(AttributeChoice::full));
  const auto known = accepted("{}", queue_status_attributes());
  EventAttributes nothing;
  nothing.pbx = "a-name-that-is-longer-than-any-before";
  const auto unknown = accepted("?", nothing);
  attributes.compose(*known, true);
  attributes.compose(*unknown);
  NamesAndValues all;
  for (const auto& [name, value] : attributes) all.emplace_back(name, value);
  EXPECT_EQ(all, in_order(*unknown));
}

TEST(CloudEventAttributes, HaveNamesOfLowerCaseLettersAndDigits) {
  for (const auto& [name, value] : in_order(*accepted("{}", queue_status_attributes()))) {
    EXPECT_THAT(name, Each(testing::Truly([](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); })));
    EXPECT_LE(name.size(), 20U);
  }
}

TEST(CloudEventAttributes, LeaveOutWhatIsUnknown) {
  EventAttributes nothing;
  nothing.pbx = "hq";
  nothing.received_at = SystemTime(1'764'000'069'000'000'000ns);
  const auto attributes = attributes_of(*accepted("?", nothing));
  EXPECT_FALSE(attributes.contains("subject"));
  EXPECT_FALSE(attributes.contains("tenant"));
  EXPECT_FALSE(attributes.contains("entitykind"));
  EXPECT_EQ(attributes.at("type"), "com.portsip.pbx.unknown");
  EXPECT_EQ(attributes.at("time"), "2025-11-24T16:01:09.000000000Z");
}

TEST(CloudEventAttributes, AreValidWhateverThePayloadHolds) {
  const std::string payload =
      "{\"event_type\":\"a\\u0000b\\nc\",\"tenant_id\":\"\\u0085\xc3\xa4\",\"extension\":\"\xff\"}";
  event::Classifier classifier;
  auto classified = classifier.classify(payload, "hq", queue_status_attributes().received_at, 1);
  for (const auto& [name, value] : in_order(*classified.event)) {
    EXPECT_TRUE(is_utf8(value)) << name;
    EXPECT_THAT(value, Each(testing::Truly([](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; })))
        << name;
  }
}

TEST(CloudEventAttributes, TakeTheTimeOfReceptionWhereThePayloadsIsBeyondTheCalendar) {
  auto attributes = queue_status_attributes();
  attributes.event_time = std::chrono::sys_seconds(999'999'999'999s);
  EXPECT_EQ(attributes_of(*accepted("{}", attributes)).at("time"), "2025-11-24T16:01:09.123456789Z");
}

TEST(CloudEventStructured, HoldsAJsonPayloadWithItsOwnBytes) {
  const std::string payload = R"({"n": 123456789012345678901234567890, "a":1,"a":2 , "s":"\u00e4"})";
  const auto line = cloudevents_structured(*accepted(payload, queue_status_attributes()));
  EXPECT_THAT(line, HasSubstr("\"data\":" + payload + "}"));
}

TEST(CloudEventStructured, PutsAPrettyPrintedPayloadOnOneLine) {
  const auto event = accepted("{\r\n  \"a\": [1,\n2],\n  \"text\": \"x\\ny\"\n}\n", queue_status_attributes());
  const auto parsed = structured(*event);
  EXPECT_EQ(parsed["data"], nlohmann::json::parse(event->payload()));
  EXPECT_EQ(parsed["datacontenttype"], "application/json");
}

TEST(CloudEventStructured, HoldsOtherTextAsAString) {
  const auto parsed = structured(*not_json("line \"one\"\r\nline\ttwo \\ \x01 \xc3\xa4"));
  EXPECT_EQ(parsed["data"], "line \"one\"\r\nline\ttwo \\ \x01 \xc3\xa4");
  EXPECT_EQ(parsed["datacontenttype"], "text/plain; charset=utf-8");
  EXPECT_FALSE(parsed.contains("data_base64"));
}

TEST(CloudEventStructured, HoldsWhatIsNoUtf8AsBase64) {
  const auto parsed = structured(*not_json("{\"name\":\"\xff\"}"));
  EXPECT_EQ(parsed["data_base64"], "eyJuYW1lIjoi/yJ9");
  EXPECT_EQ(parsed["datacontenttype"], "application/octet-stream");
  EXPECT_FALSE(parsed.contains("data"));
}

TEST(CloudEventStructured, HoldsAnEmptyPayloadAsAnEmptyString) { EXPECT_EQ(structured(*not_json(""))["data"], ""); }

TEST(CloudEventStructured, HoldsTheSameAttributesAsTheBinaryMode) {
  const auto event = accepted("[1]", queue_status_attributes());
  auto parsed = structured(*event);
  for (const auto& [name, value] : attributes_of(*event)) {
    EXPECT_EQ(parsed[name], value);
    parsed.erase(name);
  }
  EXPECT_EQ(parsed, nlohmann::json::parse(R"({"datacontenttype":"application/json","data":[1]})"));
}

TEST(CloudEventStructured, HoldsEverySampleUnchanged) {
  std::size_t samples = 0;
  for (const auto& entry : std::filesystem::directory_iterator(PBXBRIDGE_SOURCE_DIRECTORY "/tests/support/events")) {
    std::ifstream file(entry.path());
    const std::string payload{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(structured(*accepted(payload, queue_status_attributes()))["data"], nlohmann::json::parse(payload));
    ++samples;
  }
  EXPECT_EQ(samples, 18U);
}

}  // namespace
}  // namespace pbxbridge::sink
