// From the simulated PBX through the built pbxbridge to lines: standard output and files.

#include "payload_way.hpp"
#include "subscriptions.hpp"
#include "temporary_directory.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <map>

namespace pbxbridge::test {
namespace {

/// What a raw line promises for JSON: the bytes that came, without the line breaks between tokens.
std::string without_line_breaks(std::string payload) {
  std::erase_if(payload, [](char character) { return character == '\n' || character == '\r'; });
  return payload;
}

/// The untidy payloads that are no JSON, as the JSON strings that their lines are.
const std::map<std::string, std::string> lines_of_no_json = {
    {"plain text, no JSON", R"("plain text, no JSON")"},
    {R"({"event_type":"call_start",)", R"("{\"event_type\":\"call_start\",")"},
    {"\xef\xbb\xbf{\"event_type\":\"call_start\",\"session_id\":\"9\"}",
     "\"\xef\xbb\xbf{\\\"event_type\\\":\\\"call_start\\\",\\\"session_id\\\":\\\"9\\\"}\""},
};

std::vector<std::string> raw_lines_of(const std::vector<std::string>& payloads) {
  std::vector<std::string> lines;
  std::size_t no_json = 0;
  for (const auto& payload : payloads) {
    const auto found = lines_of_no_json.find(payload);
    if (found != lines_of_no_json.end()) ++no_json;
    lines.push_back(found == lines_of_no_json.end() ? without_line_breaks(payload) : found->second);
  }
  EXPECT_EQ(no_json, lines_of_no_json.size());
  return lines;
}

/// Pushes everything, and last what is no UTF-8; returns the raw lines that this must become.
std::vector<std::string> push_and_expect(Simulator& simulator, BridgeProcess& bridge) {
  auto lines = raw_lines_of(push_everything(simulator, bridge));
  simulator.command("push-binary-hex ff0a7b7d");
  lines.emplace_back(R"({"data_base64":"/wp7fQ=="})");
  return lines;
}

std::vector<std::string> lines_of(const std::filesystem::path& path) {
  std::vector<std::string> lines;
  std::ifstream file(path, std::ios::binary);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

TEST(LineWayTest, ReachesStandardOutputByteByByte) {
  Simulator simulator;
  BridgeProcess bridge(everything_of(simulator.url()) +
                       "sinks:\n  out: { type: stdout, format: raw }\nroutes:\n  - match: {}\n    to: { sink: out }\n");
  const auto expected = push_and_expect(simulator, bridge);
  ASSERT_TRUE(wait_until_all_is_delivered(bridge, "out", expected.size())) << bridge.process().transcript();
  EXPECT_EQ(bridge.stop(), 0);
  expect_same(last(bridge.process().output_lines(), expected.size()), expected);
}

TEST(LineWayTest, ReachesAFileByteByByte) {
  TemporaryDirectory directory;
  const auto path = directory / "events.ndjson";
  Simulator simulator;
  BridgeProcess bridge(everything_of(simulator.url()) + "sinks:\n  log: { type: file, format: raw, path: " +
                       path.string() + " }\nroutes:\n  - match: {}\n    to: { sink: log }\n");
  const auto expected = push_and_expect(simulator, bridge);
  ASSERT_TRUE(wait_until_all_is_delivered(bridge, "log", expected.size())) << bridge.process().transcript();
  EXPECT_EQ(bridge.stop(), 0);
  expect_same(last(lines_of(path), expected.size()), expected);
}

TEST(LineWayTest, ReachesAFileOneCloudEventALine) {
  TemporaryDirectory directory;
  const auto path = directory / "events.ndjson";
  Simulator simulator;
  BridgeProcess bridge(everything_of(simulator.url()) + "sinks:\n  log: { type: file, path: " + path.string() +
                       " }\nroutes:\n  - match: {}\n    to: { sink: log }\n");
  const auto pushed = push_everything(simulator, bridge);
  ASSERT_TRUE(wait_until_all_is_delivered(bridge, "log", pushed.size())) << bridge.process().transcript();
  EXPECT_EQ(bridge.stop(), 0);

  const auto lines = last(lines_of(path), pushed.size());
  ASSERT_EQ(lines.size(), pushed.size());
  for (std::size_t i = 0; i < 18; ++i)
    EXPECT_EQ(nlohmann::json::parse(lines[i]).at("data"), nlohmann::json::parse(pushed[i])) << "payload " << i;
}

}  // namespace
}  // namespace pbxbridge::test
