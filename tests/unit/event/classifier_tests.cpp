#include "classify.hpp"
#include "event/event_types.hpp"
#include "pbxbridge/event.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

namespace pbxbridge::event {
namespace {

struct Expected {
  std::string_view event_type;
  Family family;
  EntityKind entity_kind;
  std::string_view entity;
  std::int64_t event_time;  // 0: none
};

std::string sample(std::string_view name) {
  const auto path = std::filesystem::path(PBXBRIDGE_SOURCE_DIRECTORY) / "tests/support/events";
  std::ifstream file(path / (std::string(name) + ".json"), std::ios::binary);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

class Sample : public testing::TestWithParam<Expected> {};

TEST_P(Sample, IsClassifiedAndKeepsItsBytes) {
  const auto& expected = GetParam();
  const auto payload = sample(expected.event_type);
  const auto classified = classify(payload);
  const auto& event = *classified.event;

  EXPECT_EQ(event.payload(), payload);
  EXPECT_EQ(event.pbx(), "hq");
  EXPECT_EQ(event.event_type(), expected.event_type);
  EXPECT_EQ(event.family(), expected.family) << to_string(event.family());
  EXPECT_EQ(event.entity_kind(), expected.entity_kind) << to_string(event.entity_kind());
  EXPECT_EQ(event.entity(), expected.entity);
  EXPECT_EQ(event.tenant(), "710000000000000001");
  EXPECT_EQ(event_seconds(event).value_or(0), expected.event_time);
  EXPECT_EQ(event.payload_kind(), PayloadKind::json_object);
  EXPECT_EQ(event.connection_epoch(), 3U);
  EXPECT_EQ(event.received_at(), SystemTime{std::chrono::seconds{1'764'000'500}});
  EXPECT_TRUE(classified.untidiness.none()) << classified.untidiness;
}

INSTANTIATE_TEST_SUITE_P(
    Of22x, Sample,
    testing::Values(Expected{"extension_created", Family::extension_management, EntityKind::extension, "1001", 0},
                    Expected{"extension_updated", Family::extension_management, EntityKind::extension, "1001", 0},
                    Expected{"extension_destroyed", Family::extension_management, EntityKind::extension, "1001", 0},
                    Expected{"extension_status", Family::extension, EntityKind::none, "", 1764000000},
                    Expected{"extension_call", Family::extension, EntityKind::extension, "101", 1764000010},
                    Expected{"extension_presence", Family::extension, EntityKind::extension, "102", 1764000020},
                    Expected{"extension_agent_status", Family::extension, EntityKind::extension, "102", 1764000030},
                    Expected{"call_start", Family::cdr, EntityKind::session, "710000000000009000", 1764000040},
                    Expected{"call_update_info", Family::cdr, EntityKind::session, "710000000000009000", 1764000050},
                    Expected{"call_cdr", Family::cdr, EntityKind::session, "710000000000009500", 1764000099},
                    Expected{"cdr_target_ringing", Family::cdr, EntityKind::session, "710000000000009500", 1764000070},
                    Expected{"queue_created", Family::queue_management, EntityKind::queue, "8800", 0},
                    Expected{"queue_updated", Family::queue_management, EntityKind::queue, "8800", 0},
                    Expected{"queue_destroy", Family::queue_management, EntityKind::queue, "8800", 0},
                    Expected{"queue_status", Family::queue, EntityKind::queue, "710000000000008001", 0},
                    Expected{"queue_caller_status", Family::queue, EntityKind::queue, "710000000000008001", 1764000110},
                    Expected{"queue_agent_status", Family::queue, EntityKind::queue, "710000000000008001", 1764000120},
                    Expected{"queue_sla_breached", Family::queue, EntityKind::queue, "710000000000008001", 1764000130}),
    [](const auto& test) { return std::string(test.param.event_type); });

TEST(Samples, AreAllInTheTable) {
  std::size_t files = 0;
  const auto folder = std::filesystem::path(PBXBRIDGE_SOURCE_DIRECTORY) / "tests/support/events";
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    ++files;
    EXPECT_NE(find_event_type(file.path().stem().string()), nullptr) << file.path();
  }
  EXPECT_EQ(files, 18U);
}

TEST(EventTypes, AreNamedOnce) {
  std::set<std::string_view> names;
  for (const auto& type : event_types()) EXPECT_TRUE(names.insert(type.name).second) << type.name;
}

struct Of16x {
  std::string_view event_type;
  std::string_view fields;
  Family family;
  EntityKind entity_kind;
  std::string_view entity;
};

class OldDialect : public testing::TestWithParam<Of16x> {};

TEST_P(OldDialect, IsClassifiedByTheTopicThatItCameBy) {
  const auto& expected = GetParam();
  const auto payload = R"({"event_type":")" + std::string(expected.event_type) + R"(","domain":"example.test",)" +
                       std::string(expected.fields) + "}";
  const auto classified = classify(payload);
  EXPECT_EQ(classified.event->family(), expected.family);
  EXPECT_EQ(classified.event->entity_kind(), expected.entity_kind);
  EXPECT_EQ(classified.event->entity(), expected.entity);
  EXPECT_EQ(classified.event->tenant(), "example.test");
  EXPECT_TRUE(classified.untidiness.none());
}

INSTANTIATE_TEST_SUITE_P(
    Of16x, OldDialect,
    testing::Values(
        Of16x{"extension_register", R"("extension":"101")", Family::extension, EntityKind::extension, "101"},
        Of16x{"call_start", R"("call_id":"c1")", Family::cdr, EntityKind::session, "c1"},
        Of16x{"call_hold", R"("session_id":12,"call_id":"c1")", Family::extension, EntityKind::session, "12"},
        Of16x{"target_ended", R"("session_id":"12")", Family::extension, EntityKind::session, "12"},
        Of16x{"queue_member_state", R"("queue_number":"8001")", Family::queue, EntityKind::queue, "8001"},
        Of16x{"trunk_connected", R"("trunk_name":"t1")", Family::trunk, EntityKind::trunk, "t1"},
        Of16x{"trunk_disconnected", R"("nothing":"known")", Family::trunk, EntityKind::none, ""}),
    [](const auto& test) { return std::string(test.param.event_type); });

TEST(Entity, OfAnExtensionStatusIsThatOfItsElementsWhereTheyAgree) {
  EXPECT_EQ(classify(R"({"event_type":"extension_status","status":[{"extension":"sip:101@a"}]})").event->entity(),
            "101");
  EXPECT_EQ(classify(R"({"event_type":"extension_status","status":[{"extension":"sip:101@a"},
                         {"extension":"sip:101@a"}]})")
                .event->entity(),
            "101");
  EXPECT_EQ(classify(R"({"event_type":"extension_status","status":[{"extension":"sip:101@a"},{}]})").event->entity(),
            "");
  EXPECT_EQ(classify(R"({"event_type":"extension_status","status":[]})").event->entity(), "");
  EXPECT_EQ(classify(R"({"event_type":"extension_status","status":["sip:101@a"]})").event->entity(), "");
  EXPECT_EQ(classify(R"({"event_type":"extension_status","status":"x"})").event->entity_kind(), EntityKind::none);
}

TEST(Entity, OfAnUnknownTypeIsFoundByTheUsualFields) {
  const auto extension = classify(R"({"event_type":"new","session_id":"7","extension":"sip:9@a"})");
  EXPECT_EQ(extension.event->entity_kind(), EntityKind::extension);
  EXPECT_EQ(extension.event->entity(), "9");
  EXPECT_EQ(classify(R"({"event_type":"new","session_id":"7","queue_id":"8"})").event->entity_kind(),
            EntityKind::queue);
  EXPECT_EQ(classify(R"({"event_type":"new","session_id":"7"})").event->entity(), "7");
}

TEST(Entity, SkipsAFieldThatIsEmptyOrOfAnotherShape) {
  EXPECT_EQ(classify(R"({"event_type":"queue_status","queue_number":"","queue_id":"5"})").event->entity(), "5");
  EXPECT_EQ(classify(R"({"event_type":"queue_status","queue_number":null,"queue_id":5})").event->entity(), "5");
  EXPECT_EQ(classify(R"({"event_type":"queue_status","queue_number":{"a":1},"queue_id":-5})").event->entity(), "-5");
  EXPECT_EQ(classify(R"({"event_type":"extension_call","extension":"sip:@a","extension_number":"4"})").event->entity(),
            "4");
}

TEST(EventTime, IsReadFromStringsAndNumbers) {
  const auto seconds = [](std::string_view field) {
    return event_seconds(*classify("{\"event_type\":\"extension_call\"," + std::string(field) + "}").event)
        .value_or(-1);
  };
  EXPECT_EQ(seconds(R"("time":"1764000000")"), 1764000000);
  EXPECT_EQ(seconds(R"("time":1764000000)"), 1764000000);
  EXPECT_EQ(seconds(R"("time":1764000000.75)"), 1764000000);
  EXPECT_EQ(seconds(R"("timestamp":"1764000000.5")"), 1764000000);
  EXPECT_EQ(seconds(R"("time":"","timestamp":"1764000001")"), 1764000001);
  EXPECT_EQ(seconds(R"("time":"0")"), -1);
  EXPECT_EQ(seconds(R"("time":"-5")"), -1);
  EXPECT_EQ(seconds(R"("time":"soon")"), -1);
  EXPECT_EQ(seconds(R"("time":"1764000000 ")"), -1);
  EXPECT_EQ(seconds(R"("time":1764000000000)"), -1);  // milliseconds
  EXPECT_EQ(seconds(R"("time":"99999999999999999999999999")"), -1);
  EXPECT_EQ(seconds(R"("time":true)"), -1);
  EXPECT_EQ(seconds(R"("time":1764000000.0)"), 1764000000);
  EXPECT_EQ(seconds(R"("time":1.764e9)"), 1764000000);
  EXPECT_EQ(seconds(R"("time":"1.764e9")"), 1764000000);
  EXPECT_EQ(seconds(R"("time":1.764E+09,"time":5)"), 1764000000);
  EXPECT_EQ(seconds(R"("time":1764000000000.0)"), -1);
  EXPECT_EQ(seconds(R"("time":-1764000000.0)"), -1);
  EXPECT_EQ(seconds(R"("time":1e400)"), -1);
  EXPECT_EQ(seconds(R"("time":1e-400,"timestamp":1.764e9)"), 1764000000);
  EXPECT_EQ(seconds(R"("time":"NaN")"), -1);
}

TEST(EventTime, OfElementsIsReadFromNumbersToo) {
  const auto seconds = [](std::string_view times) {
    return event_seconds(*classify(R"({"event_type":"extension_status","status":[)" + std::string(times) + "]}").event)
        .value_or(-1);
  };
  EXPECT_EQ(seconds(R"({"timestamp":1764000000.0},{"timestamp":"1764000000"},{"timestamp":1.764e9})"), 1764000000);
  EXPECT_EQ(seconds(R"({"timestamp":1764000000.0},{"timestamp":1764000001.0})"), -1);
}

TEST(Entity, IsTheTextOfANumberWithoutExponent) {
  const auto queue = [](std::string_view id) {
    return std::string(classify(R"({"event_type":"queue_status","queue_id":)" + std::string(id) + "}").event->entity());
  };
  EXPECT_EQ(queue("100000.0"), "100000");
  EXPECT_EQ(queue("1e5"), "100000");
  EXPECT_EQ(queue("100000"), "100000");
  EXPECT_EQ(queue("710000000000008001.0"), "710000000000008001");
  EXPECT_EQ(queue("12345678901234567890123"), "12345678901234567890123");
  EXPECT_EQ(queue("1.2345678901234567890123e22"), "12345678901234567890123");
}

TEST(Entity, OfAnExtensionIsTheUserOfItsAddress) {
  const auto extension = [](std::string_view address) {
    return std::string(
        classify(R"({"event_type":"extension_call","extension":")" + std::string(address) + "\"}").event->entity());
  };
  EXPECT_EQ(extension(R"(\"<boss> Bob\" <sip:103@h>)"), "103");
  EXPECT_EQ(extension(" 103"), "103");
  EXPECT_EQ(extension("sip:%2B4930@h"), "+4930");
  EXPECT_EQ(extension("sip:%00%0a@h"), "__");
}

TEST(EventTime, OfACallRecordIsItsEndElseItsStart) {
  EXPECT_EQ(event_seconds(*classify(R"({"event_type":"call_cdr","start_time":"5","ended_time":"9"})").event), 9);
  EXPECT_EQ(event_seconds(*classify(R"({"event_type":"call_cdr","start_time":"5","ended_time":"0"})").event), 5);
}

}  // namespace
}  // namespace pbxbridge::event
