// `pbxbridge test`, as the built executable does it.

#include "support/process.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace pbxbridge::cli {
namespace {

using nlohmann::json;
using test::Ended;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string program = PBXBRIDGE_BINARY_DIRECTORY "/pbxbridge";
const std::filesystem::path ready = PBXBRIDGE_SOURCE_DIRECTORY "/config";

constexpr const char* configuration = R"(pbx:
  - name: hq
    url: wss://pbx.example.com:8887/wsi
    auth: { username: bridge, password_file: /nowhere/password }
    subscribe: [{ topic: cdr_events }]
  - name: branch
    url: wss://branch.example.com:8887/wsi
    auth: { username: bridge, password_file: /nowhere/password }
    subscribe: [{ topic: cdr_events }]
sinks:
  lake: { type: kafka, brokers: ["kafka:9092"] }
  board: { type: mqtt, url: "mqtt://board" }
routes:
  - match: { family: cdr }
    to: { sink: lake, topic: "pbx.{family}.{date}", key: "{session_id}" }
  - match: { family: [cdr, extension] }
    to: { sink: board, topic: "{pbx}/{entity}" }
)";

Ended run(const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {program, "test"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return test::run_to_end(command);
}

class TestCommand : public testing::Test {
 protected:
  TestCommand() { std::ofstream(configuration_) << configuration; }

  Ended test(const std::string& cases, const std::vector<std::string>& options = {}) {
    std::ofstream(cases_) << cases;
    std::vector<std::string> arguments = {"--config", configuration_, cases_};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return run(arguments);
  }

  const test::TemporaryDirectory directory_;
  const std::string configuration_ = directory_ / "bridge.yaml";
  const std::string cases_ = directory_ / "cases.yaml";
};

constexpr const char* passing = R"(cases:
  - name: a call goes to both
    event: { event_type: call_start, session_id: "4711" }
    received: 2026-05-31T08:00:00Z
    expect:
      - { sink: board, topic: hq/4711 }
      - { sink: lake, topic: pbx.cdr.2026-05-31, key: "4711", headers: { ce_subject: "4711" } }
  - name: a queue goes nowhere
    event: '{"event_type":"queue_status"}'
    expect: []
)";

TEST_F(TestCommand, PassesWhereAllIsAsExpected) {
  const auto said = test(passing);
  EXPECT_EQ(said.exit_code, 0) << said.transcript;
  EXPECT_THAT(said.output, ElementsAre("ok   " + cases_ + ":2:5: a call goes to both",
                                       "ok   " + cases_ + ":8:5: a queue goes nowhere", "2 cases, all ok"));
  EXPECT_THAT(said.errors, ElementsAre());
}

TEST_F(TestCommand, ShowsEachDifferenceOfEachCase) {
  const auto said = test(R"(cases:
  - name: wrong topic and key
    event: { event_type: call_start, session_id: "4711" }
    is: { entity: "4712", family: queue, untidy: not_json }
    expect:
      - { sink: lake, topic: calls, key: "4712", headers: { ce_type: x, ce_none: y } }
      - { sink: board, topic: hq/4711, properties: { qos: 2 } }
  - name: one too few and one too many
    event: { event_type: extension_call, extension: sip:101@x }
    expect: { sink: lake, topic: calls }
  - name: this one holds
    event: { event_type: queue_status }
    expect: []
)");
  EXPECT_EQ(said.exit_code, 1) << said.transcript;
  EXPECT_THAT(said.output, Contains("FAIL " + cases_ + ":2:5: wrong topic and key"));
  const auto differs = [&](const std::string& what, const std::string& expected, const std::string& got) {
    const auto found = std::find(said.output.begin(), said.output.end(), "     " + what);
    ASSERT_LT(found - said.output.begin() + 2, std::ssize(said.output)) << what << "\n" << said.transcript;
    EXPECT_EQ(found[1], "       expected " + expected);
    EXPECT_EQ(found[2], "       got      " + got);
  };
  differs("event: entity", "\"4712\"", "\"4711\"");
  differs("event: family", "\"queue\"", "\"cdr\"");
  differs("event: untidy", "not_json", "none");
  differs("message to lake: topic", "\"calls\"", "\"pbx.cdr.2026-01-01\"");
  differs("message to lake: key", "\"4712\"", "\"4711\"");
  differs("message to lake: header ce_type", "\"x\"", "\"com.portsip.pbx.call_start\"");
  differs("message to lake: header ce_none", "\"y\"", "none of that name");
  differs("message to board: property qos", "\"2\"", "\"1\"");
  differs("message to lake", "topic \"calls\"", "no such message");
  differs("message to board", "no such message", "topic \"hq/101\", key none");
  EXPECT_EQ(said.output.back(), "2 of 3 cases failed");
}

TEST_F(TestCommand, WritesALineOfJsonForEachCase) {
  const auto said = test(passing, {"--json"});
  EXPECT_EQ(said.exit_code, 0) << said.transcript;
  ASSERT_EQ(said.output.size(), 2U) << said.transcript;
  EXPECT_EQ(json::parse(said.output[0]), (json{{"file", cases_},
                                               {"line", 2},
                                               {"name", "a call goes to both"},
                                               {"ok", true},
                                               {"differences", json::array()}}));
}

TEST_F(TestCommand, NamesMistakesOfTheCasesAtTheirLines) {
  const auto said = test(R"(cases:
  - name: a
    event: { event_type: call_start }
    expects: []
  - name: b
    expect: { sink: lak, topc: x }
  - name: c
    event: {}
    event_file: none.json
    pbx: hp
    received: tomorrow
    is: { family: cdrs }
    expect: []
)");
  EXPECT_EQ(said.exit_code, 78) << said.transcript;
  EXPECT_THAT(said.output, ElementsAre());
  for (const std::string error :
       {":4:5: error: unknown key \"expects\", did you mean \"expect\"?", ":2:5: error: missing \"expect\"",
        ":5:5: error: missing \"event\" (or \"event_file\")",
        ":6:26: error: unknown key \"topc\", did you mean \"topic\"?",
        ":6:21: error: the configuration has no sink \"lak\", did you mean \"lake\"?",
        ":10:10: error: the configuration has no PBX \"hp\", did you mean \"hq\"?",
        ":11:15: error: received: expected a time", ":12:19: error: family: expected one of"})
    EXPECT_THAT(said.errors, Contains(HasSubstr(error))) << said.transcript;
}

TEST_F(TestCommand, NeedsBothFiles) {
  EXPECT_EQ(run({"--config", configuration_, directory_ / "none.yaml"}).exit_code, 78);
  EXPECT_EQ(run({"--config", directory_ / "none.yaml", cases_}).exit_code, 78);
  EXPECT_EQ(run({"--config", configuration_}).exit_code, 64);
  EXPECT_EQ(test("cases: []\n").exit_code, 78);
}

TEST_F(TestCommand, TakesEventsFromFilesNextToTheCases) {
  std::filesystem::create_directory(directory_ / "events");
  std::ofstream(directory_ / "events/call.json")
      << "{\n  \"event_type\": \"call_start\",\n  \"session_id\": \"9\"\n}\n";
  const auto said = test(R"(cases:
  - name: from a file, of another PBX
    event_file: events/call.json
    pbx: branch
    expect: [{ sink: lake, key: "9" }, { sink: board, topic: branch/9 }]
)");
  EXPECT_EQ(said.exit_code, 0) << said.transcript;
}

TEST_F(TestCommand, JsonInYamlIsTheSameJson) {
  const std::string event = R"({"event_type": "call_start", "session_id": "1", "n": 12345678901234567890, "f": 1.50,
      "t": true, "nil": null, "s": "true", "list": [1, "1"], "quote": "a\"b\\c"})";
  const auto said = test("cases:\n  - name: pasted\n    event: " + event +
                         "\n    expect:\n      - sink: lake\n        payload: " + event +
                         "\n      - { sink: board, payload: '{\"event_type\":\"call_start\",\"session_id\":\"1\","
                         "\"n\":12345678901234567890,\"f\":1.50,\"t\":true,\"nil\":null,\"s\":\"true\","
                         "\"list\":[1,\"1\"],\"quote\":\"a\\\"b\\\\c\"}' }\n");
  EXPECT_EQ(said.exit_code, 0) << said.transcript;
}

TEST_F(TestCommand, ShowsTheCasesOfSeveralFiles) {
  std::ofstream(directory_ / "more.yaml") << passing;
  const auto said = test(passing, {directory_ / "more.yaml"});
  EXPECT_EQ(said.exit_code, 0) << said.transcript;
  EXPECT_EQ(said.output.back(), "4 cases, all ok");
}

class ReadyCases : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(ReadyCases, Hold) {
  const auto said = run({"--config", ready / GetParam().filename(), ready / "tests" / GetParam().filename()});
  EXPECT_EQ(said.exit_code, 0) << said.transcript;
}

std::vector<std::filesystem::path> files_of(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) files.push_back(entry.path());
  return files;
}

INSTANTIATE_TEST_SUITE_P(Files, ReadyCases, testing::ValuesIn(files_of(ready / "tests")), [](const auto& file) {
  std::string name = file.param.stem().string();
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace pbxbridge::cli
