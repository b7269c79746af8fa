// `pbxbridge explain`, as the built executable does it.

#include "support/process.hpp"
#include "support/sanitizer.hpp"
#include "support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

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

constexpr const char* configuration = R"(pbx:
  - name: hq
    url: wss://pbx.example.com:8887/wsi
    auth: { username: bridge, password_file: /nowhere/password }
    subscribe: [{ topic: cdr_events }]
    max_frame_size: 4096B
  - name: old
    dialect: "16"
    url: wss://old.example.com:8885
    auth: { username: bridge, password_file: /nowhere/password }
    subscribe: [{ topic: cdr_events, keys: [call_cdr] }]
sinks:
  lake: { type: kafka, brokers: ["kafka:9092"], options: { message.max.bytes: 2000 } }
  raw: { type: kafka, brokers: ["kafka:9092"], format: raw }
  board: { type: mqtt, url: "mqtt://board", user_properties: { site: hq }, limits: { packet_size: 1kB } }
  older: { type: mqtt, url: "mqtt://board", version: 3.1.1, format: cloudevents_structured }
  lines: { type: file, path: /tmp/events.ndjson }
routes:
  - match: { family: cdr }
    to: { sink: lake, topic: "pbx.{family}.v1", key: "{session_id}" }
  - match: { family: [extension, queue], not: { event_type: "*_presence" } }
    to:
      - { sink: board, topic: "pbx/{pbx}/{entity}/{event_type}", qos: 2, retain: true, message_expiry: 1m }
      - { sink: older, topic: "old/{entity|none}" }
  - match: { payload.caller: "*" }
    to: { sink: raw, topic: calls }
  - match: { event_type: call_cdr }
    to: { sink: lines }
)";

class ExplainCommand : public testing::Test {
 protected:
  ExplainCommand() { std::ofstream(configuration_) << configuration; }

  Ended explain(const std::string& events, std::vector<std::string> options = {"--json"}) {
    std::ofstream(events_, std::ios::binary) << events;
    options.push_back(events_);
    return run(options);
  }
  Ended run(const std::vector<std::string>& options, const std::optional<std::string>& input = {}) const {
    std::vector<std::string> command = {program, "explain", "--config", configuration_};
    command.insert(command.end(), options.begin(), options.end());
    return test::run_to_end(command, input);
  }
  json only(const Ended& said) const {
    EXPECT_EQ(said.output.size(), 1U) << said.transcript;
    return said.output.empty() ? json() : json::parse(said.output.front());
  }
  static json header(const json& message, const std::string& name) {
    for (const auto& header : message.at("headers"))
      if (header.at("name") == name) return header.at("value");
    return nullptr;
  }

  const test::TemporaryDirectory directory_;
  const std::string configuration_ = directory_ / "bridge.yaml";
  const std::string events_ = directory_ / "events.ndjson";
};

const std::string call =
    R"({"event_type":"call_start","session_id":"4711","caller":"101","tenant_id":"7","time":"1764000040"})";

TEST_F(ExplainCommand, SaysWhatAnEventIs) {
  const auto said = explain(call, {"--json", "--received", "2025-11-24T16:00:41.5Z"});
  EXPECT_EQ(said.exit_code, 0) << said.transcript;
  const json event = only(said).at("event");
  EXPECT_EQ(event.at("family"), "cdr");
  EXPECT_EQ(event.at("event_type"), "call_start");
  EXPECT_EQ(event.at("entity"), "4711");
  EXPECT_EQ(event.at("entity_kind"), "session");
  EXPECT_EQ(event.at("tenant"), "7");
  EXPECT_EQ(event.at("event_time"), "2025-11-24T16:00:40Z");
  EXPECT_EQ(event.at("received"), "2025-11-24T16:00:41.500000000Z");
  EXPECT_EQ(event.at("untidy"), json::array());
  EXPECT_EQ(event.at("bytes"), call.size());
}

TEST_F(ExplainCommand, SaysWhichRoutesTakeItAndWhyTheOthersDoNot) {
  const json explained = only(explain(call));
  const json& routes = explained.at("routes");
  ASSERT_EQ(routes.size(), 4U);
  EXPECT_EQ(routes[0].at("takes"), true);
  EXPECT_EQ(routes[0].at("line"), 19);
  EXPECT_EQ(routes[1].at("takes"), false);
  EXPECT_EQ(routes[1].at("unmet"), (json{{{"field", "family"},
                                          {"not", false},
                                          {"line", 21},
                                          {"expected", {"extension", "queue"}},
                                          {"found", "cdr"}}}));
  EXPECT_EQ(routes[2].at("takes"), true);
  EXPECT_EQ(routes[3].at("unmet")[0].at("found"), "call_start");
}

TEST_F(ExplainCommand, NamesTheFieldThatLeavesAnEventOut) {
  const json explained = only(explain(R"({"event_type":"extension_presence","extension":"sip:102@x"})"));
  const json unmet = explained.at("routes")[1].at("unmet");
  ASSERT_EQ(unmet.size(), 1U);
  EXPECT_EQ(unmet[0].at("not"), true);
  EXPECT_EQ(unmet[0].at("field"), "event_type");
  EXPECT_EQ(unmet[0].at("expected"), json{"*_presence"});
  EXPECT_EQ(explained.at("routes")[2].at("unmet")[0].at("found"), nullptr);
}

TEST_F(ExplainCommand, ShowsTheRecordThatKafkaWouldGet) {
  const json message = only(explain(call)).at("routes")[0].at("messages")[0];
  EXPECT_EQ(message.at("sink"), "lake");
  EXPECT_EQ(message.at("type"), "kafka");
  EXPECT_EQ(message.at("topic"), "pbx.cdr.v1");
  EXPECT_EQ(message.at("key"), "4711");
  EXPECT_EQ(message.at("payload"), call);
  EXPECT_EQ(header(message, "ce_type"), "com.portsip.pbx.call_start");
  EXPECT_EQ(header(message, "ce_subject"), "4711");
  EXPECT_EQ(header(message, "ce_time"), "2025-11-24T16:00:40Z");
  EXPECT_EQ(header(message, "content-type"), "application/json");
  EXPECT_EQ(message.at("rejected"), nullptr);
  const json raw = only(explain(call)).at("routes")[2].at("messages")[0];
  EXPECT_EQ(raw.at("headers"), json::array());
  EXPECT_EQ(raw.at("key"), nullptr);
}

TEST_F(ExplainCommand, ShowsThePacketThatMqttWouldGet) {
  const std::string state = R"({"event_type":"extension_call","extension":"sip:10/1@x"})";
  const json messages = only(explain(state)).at("routes")[1].at("messages");
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[0].at("topic"), "pbx/hq/10_1/extension_call");
  EXPECT_EQ(messages[0].at("payload"), state);
  EXPECT_EQ(messages[0].at("headers"), (json{{{"name", "site"}, {"value", "hq"}}}));
  EXPECT_EQ(
      messages[0].at("properties"),
      (json{{"qos", 2}, {"retain", true}, {"content_type", "application/json"}, {"message_expiry_interval", 60}}));
  EXPECT_EQ(messages[1].at("properties"), (json{{"qos", 1}, {"retain", false}}));
  const json structured = json::parse(messages[1].at("payload").get<std::string>());
  EXPECT_EQ(structured.at("type"), "com.portsip.pbx.extension_call");
  EXPECT_EQ(structured.at("data").at("extension"), "sip:10/1@x");
}

TEST_F(ExplainCommand, ShowsTheLineThatAFileWouldGet) {
  const json message = only(explain(R"({"event_type":"call_cdr","session_id":"1"})")).at("routes")[3].at("messages")[0];
  EXPECT_EQ(message.at("type"), "file");
  EXPECT_EQ(message.at("topic"), nullptr);
  EXPECT_EQ(json::parse(message.at("payload").get<std::string>()).at("data").at("session_id"), "1");
}

TEST_F(ExplainCommand, SaysWhatIsWrongWithAMessage) {
  const json no_key = only(explain(R"({"event_type":"call_start"})")).at("routes")[0].at("messages")[0];
  EXPECT_EQ(no_key.at("key"), nullptr);
  EXPECT_EQ(no_key.at("key_missing"), true);
  const json no_entity = only(explain(R"({"event_type":"extension_call"})")).at("routes")[1].at("messages")[0];
  EXPECT_EQ(no_entity.at("topic"), "pbx/unroutable");
  EXPECT_EQ(no_entity.at("fallback"), true);
  const std::string large =
      R"({"event_type":"extension_call","extension":"1","note":")" + std::string(2000, 'x') + "\"}";
  const json too_large = only(explain(large)).at("routes")[1].at("messages")[0];
  EXPECT_THAT(too_large.at("rejected").get<std::string>(), HasSubstr("packet too large"));
}

TEST_F(ExplainCommand, KnowsWhatIsNoEvent) {
  const auto said = explain("{\"command\":\"subscribe\",\"status\":-1,\"error\":\"no permission\"}\n{\"x\":\"" +
                            std::string(5000, 'y') + "\"}\n");
  EXPECT_EQ(said.exit_code, 0) << said.transcript;
  ASSERT_EQ(said.output.size(), 2U) << said.transcript;
  EXPECT_EQ(json::parse(said.output[0]).at("event"), nullptr);
  EXPECT_THAT(json::parse(said.output[0]).at("not_an_event").get<std::string>(),
              testing::AllOf(HasSubstr("answer of the PBX to subscribe"), HasSubstr("no permission")));
  EXPECT_THAT(json::parse(said.output[1]).at("not_an_event").get<std::string>(), HasSubstr("max_frame_size"));
}

TEST_F(ExplainCommand, FollowsTheDialectOfThePbx) {
  const auto of = [this](const std::string& pbx) { return only(explain(R"({"status":0})", {"--json", "--pbx", pbx})); };
  EXPECT_NE(of("hq").at("event"), nullptr) << "22.x: an answer names its command";
  EXPECT_EQ(of("old").at("event"), nullptr);
  EXPECT_EQ(of("old").at("pbx"), "old");
  const auto unknown = explain("{}", {"--pbx", "elsewhere"});
  EXPECT_EQ(unknown.exit_code, 64);
  EXPECT_THAT(unknown.errors, Contains("--pbx: the configuration has no PBX \"elsewhere\"; it has hq, old"));
}

TEST_F(ExplainCommand, NamesUntidinessAndExplainsOn) {
  const auto said =
      explain("{\"event_type\":\"new\",\"event_type\":\"new\",\"n\":123456789012345678901,\"s\":\"\xfc\"}");
  EXPECT_EQ(said.exit_code, 0) << said.transcript;
  EXPECT_EQ(only(said).at("event").at("untidy"),
            (json{"not_utf8", "unknown_event_type", "repeated_key", "huge_integer"}));
  EXPECT_EQ(only(said).at("event").at("family"), "unknown");
}

TEST_F(ExplainCommand, ABadLineIsAnErrorAndTheOthersAreExplained) {
  const auto said = explain(call + "\n{\"event_type\": call_start}\n" + call + "\n");
  EXPECT_EQ(said.exit_code, 1);
  ASSERT_EQ(said.output.size(), 2U) << said.transcript;
  EXPECT_EQ(json::parse(said.output[0]).at("line"), 1);
  EXPECT_EQ(json::parse(said.output[1]).at("line"), 3);
  ASSERT_EQ(said.errors.size(), 1U) << said.transcript;
  EXPECT_THAT(said.errors[0], HasSubstr(events_ + ":2:16: error: not JSON: "));
}

TEST_F(ExplainCommand, AsLinesTextThatIsNotJsonIsAnEvent) {
  const auto said = explain("half a mess\n", {"--json", "--lines"});
  EXPECT_EQ(said.exit_code, 0) << said.transcript;
  EXPECT_EQ(only(said).at("event").at("untidy"), json{"not_json"});
}

TEST_F(ExplainCommand, ReadsOneEventOverSeveralLines) {
  const std::string pretty = "{\n  \"event_type\": \"call_start\",\n  \"session_id\": \"4711\"\n}\n";
  const auto said = explain(pretty);
  EXPECT_EQ(said.exit_code, 0) << said.transcript;
  EXPECT_EQ(only(said).at("event").at("entity"), "4711");
}

TEST_F(ExplainCommand, ReadsStandardInput) {
  for (const auto& options : {std::vector<std::string>{"--json"}, {"--json", "-"}}) {
    const auto said = run(options, call);
    EXPECT_EQ(said.exit_code, 0) << said.transcript;
    EXPECT_EQ(only(said).at("event").at("entity"), "4711");
  }
}

TEST_F(ExplainCommand, IsReadableByPeople) {
  const auto said = explain(call + "\n{\"event_type\":\"trunk_\x1b[2J\"}\n", {});
  EXPECT_EQ(said.exit_code, 0) << said.transcript;
  EXPECT_THAT(said.output, Contains(events_ + ":1: call_start, family cdr, session 4711, tenant 7, from PBX hq"));
  EXPECT_THAT(said.output, Contains("  route 1 (line 19) takes it"));
  EXPECT_THAT(said.output, Contains("      topic    pbx.cdr.v1"));
  EXPECT_THAT(said.output, Contains("      payload  " + call));
  EXPECT_THAT(said.output,
              Contains("  route 2 (line 21) does not take it: family is \"cdr\", not \"extension\" or \"queue\""));
  EXPECT_THAT(said.output, Contains("  no route takes it: it goes nowhere, and is counted"));
  EXPECT_THAT(said.transcript, testing::Not(HasSubstr("\x1b")));
}

TEST_F(ExplainCommand, SaysWhichStateAnEventFeeds) {
  std::ofstream(configuration_, std::ios::app)
      << "  - match: { event_type: [state_extension, state_queue] }\n    to: { sink: lines }\n";
  const auto feeds = [&](const std::string& event) { return only(explain(event)).at("feeds"); };
  EXPECT_EQ(feeds(R"({"event_type":"queue_status","queue_id":"7"})"), json::array({"state_queue"}))
      << "no route takes agents";
  EXPECT_EQ(feeds(R"({"event_type":"extension_created","extension_number":"101"})"), json::array({"state_extension"}));
  EXPECT_EQ(feeds(call), json::array());
  EXPECT_EQ(feeds(R"({"event_type":"trunk_down"})"), json::array());
  const auto said = explain(R"({"event_type":"extension_created","extension_number":"101"})"
                            "\n"
                            R"({"event_type":"queue_status","queue_id":"7"})",
                            {});
  EXPECT_THAT(said.output, Contains("  no route takes it itself, but it feeds the state: state_extension"));
  EXPECT_THAT(said.output, Contains("  feeds the state: state_queue"));
  EXPECT_THAT(said.output, testing::Not(Contains(HasSubstr("goes nowhere"))));
}

TEST_F(ExplainCommand, RefusesWhatItCannotReadAndSaysSo) {
  EXPECT_EQ(run({directory_ / "none.ndjson"}).exit_code, 1);
  EXPECT_THAT(run({directory_ / "none.ndjson"}).errors, ElementsAre(HasSubstr("No such file")));
  EXPECT_THAT(run({directory_.path()}).errors, ElementsAre(HasSubstr("Is a directory")));
  EXPECT_THAT(explain("\n\n").errors, ElementsAre(HasSubstr("no event stands in it")));
  EXPECT_EQ(explain(call, {"--received", "yesterday"}).exit_code, 64);
  std::ofstream(configuration_) << "pbx: []\n";
  EXPECT_EQ(explain(call).exit_code, 78);
}

TEST_F(ExplainCommand, TakesInputOfAnyLengthInBoundedMemory) {
  std::ofstream events(events_, std::ios::binary);
  constexpr int count = test::is_sanitized ? 10'000 : 200'000;  // of 100 bytes
  for (int i = 0; i < count; ++i) events << call << '\n';
  events.close();
  // Sanitizers reserve more address space than that.
  const std::string bound = test::is_sanitized ? "" : "ulimit -v 400000; ";
  const std::string script =
      bound + "exec " + program + " explain --json --config " + configuration_ + " " + events_ + " | wc -l";
  test::Process process({"/bin/bash", "-o", "pipefail", "-c", script});
  EXPECT_EQ(process.wait(std::chrono::seconds(60)), 0) << process.transcript();
  EXPECT_TRUE(process.wait_for_output(std::to_string(count))) << process.transcript();
}

}  // namespace
}  // namespace pbxbridge::cli
