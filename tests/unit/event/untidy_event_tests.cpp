#include "classify.hpp"
#include "pbxbridge/event.hpp"

#include <gtest/gtest.h>

#include <string>

namespace pbxbridge::event {
namespace {

UntidinessSet kinds(std::initializer_list<Untidiness> all) {
  UntidinessSet set;
  for (const auto kind : all) set.set(static_cast<std::size_t>(kind));
  return set;
}

struct Untidy {
  std::string_view name;
  std::string payload;
  PayloadKind payload_kind;
  UntidinessSet untidiness;
};

class UntidyPayload : public testing::TestWithParam<Untidy> {};

TEST_P(UntidyPayload, FlowsOnUnchangedAndIsNoticed) {
  const auto& expected = GetParam();
  const auto classified = classify(expected.payload);
  EXPECT_EQ(classified.event->payload(), expected.payload);
  EXPECT_EQ(classified.event->payload_kind(), expected.payload_kind);
  EXPECT_EQ(classified.untidiness, expected.untidiness);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, UntidyPayload,
    testing::Values(
        Untidy{"Empty", "", PayloadKind::not_json, kinds({Untidiness::not_json})},
        Untidy{"Text", "hello", PayloadKind::not_json, kinds({Untidiness::not_json})},
        Untidy{"Nul", std::string(1, '\0'), PayloadKind::not_json, kinds({Untidiness::not_json})},
        Untidy{"Truncated", R"({"event_type":"call_start)", PayloadKind::not_json, kinds({Untidiness::not_json})},
        Untidy{"TwoObjects", R"({"event_type":"call_start"}{})", PayloadKind::not_json, kinds({Untidiness::not_json})},
        Untidy{"TrailingNul", std::string("{\"event_type\":\"call_start\"}\0", 28), PayloadKind::not_json,
               kinds({Untidiness::not_json})},
        Untidy{"Array", "[1,2]", PayloadKind::json_other, kinds({Untidiness::not_an_object})},
        Untidy{"String", "\"x\"", PayloadKind::json_other, kinds({Untidiness::not_an_object})},
        Untidy{"Number", "12", PayloadKind::json_other, kinds({Untidiness::not_an_object})},
        Untidy{"Null", "null", PayloadKind::json_other, kinds({Untidiness::not_an_object})},
        Untidy{"EmptyObject", "{}", PayloadKind::json_object, kinds({Untidiness::no_event_type})},
        Untidy{"EmptyType", R"({"event_type":""})", PayloadKind::json_object, kinds({Untidiness::no_event_type})},
        Untidy{"NumericType", R"({"event_type":7})", PayloadKind::json_object, kinds({Untidiness::no_event_type})},
        Untidy{"NewType", R"({"event_type":"fax"})", PayloadKind::json_object, kinds({Untidiness::unknown_event_type})},
        Untidy{"RepeatedKey", R"({"event_type":"fax","username":"a","username":"b"})", PayloadKind::json_object,
               kinds({Untidiness::unknown_event_type, Untidiness::repeated_key})},
        Untidy{"HugeInteger", R"({"event_type":"call_start","n":123456789012345678901234567890})",
               PayloadKind::json_object, kinds({Untidiness::huge_integer})},
        Untidy{"HugeExponent", R"({"event_type":"call_start","n":1e999})", PayloadKind::json_object,
               kinds({Untidiness::huge_integer})},
        Untidy{"WideInteger", R"({"event_type":"call_start","n":18446744073709551615})", PayloadKind::json_object,
               kinds({})},
        Untidy{"ByteOrderMark", "\xef\xbb\xbf{\"event_type\":\"call_start\"}", PayloadKind::not_json,
               kinds({Untidiness::not_json})},
        Untidy{"Latin1", "{\"event_type\":\"call_start\",\"n\":\"Zo\xeb\"}", PayloadKind::not_json,
               kinds({Untidiness::not_utf8})},
        Untidy{"Latin1OutsideAString", "{\"event_type\":\xa0\"call_start\"}", PayloadKind::not_json,
               kinds({Untidiness::not_json, Untidiness::not_utf8})},
        Untidy{"Bytes", "\xff\xfe\xfd", PayloadKind::not_json, kinds({Untidiness::not_json, Untidiness::not_utf8})},
        Untidy{"Latin1OfANewType", "{\"event_type\":\"fax\",\"n\":\"Zo\xeb\"}", PayloadKind::not_json,
               kinds({Untidiness::not_utf8, Untidiness::unknown_event_type})},
        Untidy{"RawTab", "{\"event_type\":\"call_start\",\"n\":\"a\tb\"}", PayloadKind::not_json,
               kinds({Untidiness::not_json})},
        Untidy{"LoneSurrogate", R"({"event_type":"call_start","n":"\ud83d"})", PayloadKind::json_object, kinds({})}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(UntidyEvent, IsStillClassifiedWhereItsFieldsCanBeRead) {
  for (const std::string payload : {
           R"({"event_type":"queue_status","queue_number":"8001","n":123456789012345678901234567890})",
           "\xef\xbb\xbf{\"event_type\":\"queue_status\",\"queue_number\":\"8001\"}",
           "{\"event_type\":\"queue_status\",\"queue_number\":\"8001\",\"queue_name\":\"B\xfcro\"}",
           "{\"event_type\":\"queue_status\",\"queue_number\":\"8001\",\"queue_name\":\"a\nb\"}",
           R"({"event_type":"queue_status","queue_number":"8001","queue_name":"\udc00\ud800"})",
       }) {
    const auto event = classify(payload).event;
    EXPECT_EQ(event->family(), Family::queue) << payload;
    EXPECT_EQ(event->entity(), "8001") << payload;
    EXPECT_EQ(event->payload(), payload);
  }
}

/// `text` in UTF-16, with a byte order mark.
std::string utf_16(std::string_view text, bool is_big_endian) {
  std::string all = is_big_endian ? "\xfe\xff" : "\xff\xfe";
  for (const char character : text) {
    if (is_big_endian) all += '\0';
    all += character;
    if (!is_big_endian) all += '\0';
  }
  return all;
}

TEST(UntidyEvent, OfAnyCharsetFindsItsFamilyAndSession) {
  const auto named = [](std::string_view name) {
    return R"({"event_type":"call_start","caller_display_name":")" + std::string(name) + R"(","session_id":"7"})";
  };
  const std::string payloads[] = {
      named("J\xfcrgen"),                 // ISO 8859-1
      named("\x80 20 \x93quoted\x94"),    // Windows-1252
      named("\xc0\xa2 \xe0\x80\xa2"),     // overlong quotation marks
      named("\xf5\x80\x80\x80 \xff"),     // beyond Unicode
      named("\xed\xa0\xbd\xed\xb8\x80"),  // CESU-8
      named("\xed\xa0\x80"),              // a lone surrogate
      named("J\xc3"),                     // a character cut in two
      named("\xf0\x9f\x98"),              // likewise
      named("\xfc\\\"n\xfc"),             // ISO 8859-1 before an escape
      named("\x95\x5c"),                  // GBK, whose second byte is a backslash
      named("\xd6\xd0\xb9\xfa\x95\x5c"),  // likewise, among other characters
      named("\xb3\x5c\xa5\x5c"),          // Big5, likewise
      named("\x83\x5c\x95\x5c\x83\x7b"),  // Shift JIS, likewise
      utf_16(named("J\xfcrgen"), false),
      utf_16(named("J\xfcrgen"), true),
  };
  for (const auto& payload : payloads) {
    const auto classified = classify(payload);
    EXPECT_EQ(classified.untidiness, kinds({Untidiness::not_utf8})) << payload;
    EXPECT_EQ(classified.event->family(), Family::cdr) << payload;
    EXPECT_EQ(classified.event->entity(), "7") << payload;
    EXPECT_EQ(classified.event->payload_kind(), PayloadKind::not_json) << payload;
    EXPECT_EQ(classified.event->payload(), payload);
  }
}

TEST(UntidyEvent, OfAnyCharsetHasAttributesInUtf8) {
  const auto event = classify(
                         "{\"event_type\":\"f\xfc\",\"tenant_id\":\"\x95\x5c\",\"domain\":\"x\","
                         "\"session_id\":\"\xed\xa0\x80\xfc\"}")
                         .event;
  EXPECT_EQ(event->event_type(), "f?");
  EXPECT_EQ(event->tenant(), "?");
  EXPECT_EQ(event->entity(), "???");  // two of them as one pair
}

TEST(UntidyEvent, IsReadInSpiteOfNulCharacters) {
  const std::string_view text = R"({"event_type":"call_start","session_id":"7"})";
  for (const std::string& payload : {std::string(text) + '\0', '\0' + std::string(text),
                                     std::string(text.substr(0, 26)) + '\0' + std::string(text.substr(26))}) {
    const auto classified = classify(payload);
    EXPECT_EQ(classified.untidiness, kinds({Untidiness::not_json}));
    EXPECT_EQ(classified.event->entity(), "7");
    EXPECT_EQ(classified.event->payload(), payload);
  }
}

TEST(UntidyEvent, KeepsTheDigitsOfHugeIds) {
  const auto event = classify(R"({"event_type":"call_start","session_id":123456789012345678901234567890,
                                  "tenant_id":18446744073709551615})")
                         .event;
  EXPECT_EQ(event->entity(), "123456789012345678901234567890");
  EXPECT_EQ(event->tenant(), "18446744073709551615");
}

TEST(UntidyEvent, IsClassifiedByTheFirstOfARepeatedKey) {
  const auto classified = classify(R"({"event_type":"queue_status","queue_number":"1","queue_number":"2",
                                       "event_type":"call_cdr"})");
  EXPECT_EQ(classified.event->event_type(), "queue_status");
  EXPECT_EQ(classified.event->entity(), "1");
  EXPECT_TRUE(has(classified, Untidiness::repeated_key));
}

TEST(UntidyEvent, OfAnUnknownTypeKeepsTypeTenantAndTime) {
  const auto event = classify(R"({"event_type":"fax_received","tenant_id":"7","time":"1764000000"})").event;
  EXPECT_EQ(event->family(), Family::unknown);
  EXPECT_EQ(event->event_type(), "fax_received");
  EXPECT_EQ(event->tenant(), "7");
  EXPECT_EQ(event_seconds(*event), 1764000000);
}

TEST(UntidyEvent, CannotPutControlCharactersOrLongTextsIntoAttributes) {
  const auto event =
      classify(R"({"event_type":"a\r\nX-Evil: 1\u0000\u0085","tenant_id":")" + std::string(5000, 't') + "\"}").event;
  EXPECT_EQ(event->event_type(), "a__X-Evil: 1__");
  EXPECT_EQ(event->tenant(), std::string(256, 't'));
}

TEST(UntidyEvent, OfAThousandLevelsIsReadAndDeeperOneIsNoJson) {
  const auto nested = [](std::size_t levels) {
    return R"({"event_type":"call_start","n":)" + std::string(levels, '[') + std::string(levels, ']') + "}";
  };
  EXPECT_EQ(classify(nested(1000)).event->family(), Family::cdr);
  EXPECT_EQ(classify(nested(500'000)).event->payload_kind(), PayloadKind::not_json);
}

TEST(UntidyEvent, OfOneMebibyteIsReadAndSoIsTheNext) {
  const auto large = R"({"event_type":"call_start","session_id":"1","x":")" + std::string(1 << 20, 'x') + "\"}";
  EXPECT_EQ(classify(large).event->entity(), "1");
  EXPECT_EQ(classify(R"({"event_type":"call_start","session_id":"2"})").event->entity(), "2");
  std::string many = R"({"event_type":"call_start")";
  for (int i = 0; i < 100'000; ++i) many += ",\"" + std::to_string(i) + "\":1";
  const auto classified = classify(many + "}");
  EXPECT_EQ(classified.event->family(), Family::cdr);
  EXPECT_TRUE(classified.untidiness.none());
}

}  // namespace
}  // namespace pbxbridge::event
