#include "pbxbridge/event.hpp"
#include "sink/event_line.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace pbxbridge::sink {
namespace {

EventPtr event_of(std::string_view payload, PayloadKind kind) {
  EventAttributes attributes;
  attributes.pbx = "hq";
  attributes.payload_kind = kind;
  return Event::make(payload, attributes);
}

std::string raw(std::string_view payload, PayloadKind kind) {
  return event_line(*event_of(payload, kind), Format::raw);
}

TEST(EventLine, IsThePayloadItselfWhereItIsRawJson) {
  EXPECT_EQ(raw("{\"a\": 1,\"a\":2 }", PayloadKind::json_object), "{\"a\": 1,\"a\":2 }\n");
  EXPECT_EQ(raw("[1,\r\n 2]\n", PayloadKind::json_other), "[1, 2]\n");
}

TEST(EventLine, IsAJsonStringWhereTheRawPayloadIsNoJson) {
  EXPECT_EQ(raw("not\njson", PayloadKind::not_json), "\"not\\njson\"\n");
  EXPECT_EQ(raw("", PayloadKind::not_json), "\"\"\n");
}

TEST(EventLine, IsBase64WhereTheRawPayloadIsNoUtf8) {
  EXPECT_EQ(raw("\xff\n", PayloadKind::not_json), "{\"data_base64\":\"/wo=\"}\n");
}

TEST(EventLine, IsOneCloudEventOtherwise) {
  for (const auto format : {Format::cloudevents, Format::cloudevents_structured}) {
    const auto line = event_line(*event_of("{\n}", PayloadKind::json_object), format);
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    EXPECT_EQ(nlohmann::json::parse(line)["data"], nlohmann::json::object());
  }
}

}  // namespace
}  // namespace pbxbridge::sink
