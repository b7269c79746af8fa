// Events from the simulated PBX through the built pbxbridge to lines: standard output and files.

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

/// Promise of a raw line for JSON: the bytes that came, without the line breaks between tokens.
std::string without_line_breaks(std::string payload) {
  std::erase_if(payload, [](char character) { return character == '\n' || character == '\r'; });
  return payload;
}

const std::string latin_1 =
    "{\"event_type\":\"call_start\",\"caller_display_name\":\"J\xfcrgen\",\"session_id\":\"10\"}";
constexpr std::string_view latin_1_base64 =
    "eyJldmVudF90eXBlIjoiY2FsbF9zdGFydCIsImNhbGxlcl9kaXNwbGF5X25hbWUiOiJK/HJnZW4iLCJzZXNzaW9uX2lkIjoiMTAifQ==";

/// The untidy payloads that are no JSON, as the JSON that their lines are.
const std::map<std::string, std::string> lines_of_no_json = {
    {"plain text, no JSON", R"("plain text, no JSON")"},
    {R"({"event_type":"call_start",)", R"("{\"event_type\":\"call_start\",")"},
    {"\xef\xbb\xbf{\"event_type\":\"call_start\",\"session_id\":\"9\"}",
     "\"\xef\xbb\xbf{\\\"event_type\\\":\\\"call_start\\\",\\\"session_id\\\":\\\"9\\\"}\""},
    {latin_1, R"({"data_base64":")" + std::string(latin_1_base64) + "\"}"},
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

  const auto at = std::find(pushed.begin(), pushed.end(), latin_1) - pushed.begin();
  const auto event = nlohmann::json::parse(lines.at(static_cast<std::size_t>(at)));
  EXPECT_EQ(event.at("data_base64"), latin_1_base64);
  EXPECT_EQ(event.at("datacontenttype"), "application/octet-stream");
  EXPECT_EQ(event.at("family"), "cdr");
  EXPECT_EQ(event.at("subject"), "10");
}

}  // namespace
}  // namespace pbxbridge::test
