// The built executable as an operator uses it: commands, exit codes, signals.

#include "bridge_process.hpp"
#include "process.hpp"
#include "simulator.hpp"
#include "subscriptions.hpp"
#include "temporary_directory.hpp"
#include "wait.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <signal.h>

namespace pbxbridge::test {
namespace {

using testing::HasSubstr;

std::string file_sink(const std::filesystem::path& path) {
  return "sinks:\n  log: { type: file, format: raw, path: " + path.string() +
         " }\nroutes:\n  - match: {}\n    to: { sink: log }\n";
}

std::filesystem::path write(const TemporaryDirectory& directory, const std::string& text) {
  const auto path = directory / "pbxbridge.yaml";
  std::ofstream(path) << text;
  return path;
}

bool has_error_line(const Process& process, const std::string& place, const std::string& part) {
  const auto lines = process.error_lines();
  return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
    return line.starts_with(place) && line.find(": error: ") != std::string::npos &&
           line.find(part) != std::string::npos;
  });
}

TEST(ProcessTest, PrintsItsVersion) {
  Process process({bridge_executable(), "--version"});
  EXPECT_EQ(process.wait(), 0);
  EXPECT_TRUE(process.wait_for_output("pbxbridge 0."));
}

TEST(ProcessTest, CheckTellsAllErrorsAtOnceWithTheirPlaces) {
  TemporaryDirectory directory;
  const auto file = write(directory,
                          "pbx:\n"
                          "  - name: hq\n"
                          "    url: http://x\n"
                          "    auth: { usernam: a, password: hunter2 }\n"
                          "    subscribe: [ { topic: cdr_events } ]\n"
                          "sinks:\n"
                          "  lake: { type: kafka, brokers: [\"k:1\"], options: { linger.mss: 5 } }\n"
                          "routes:\n"
                          "  - match: { family: crd }\n"
                          "    to: { sink: lak, topic: t }\n");
  Process process({bridge_executable(), "check", "--config", file.string()});
  EXPECT_EQ(process.wait(), 78);
  const std::string prefix = file.string();
  ASSERT_TRUE(process.wait_for_error(prefix + ":10:"));
  EXPECT_TRUE(has_error_line(process, prefix + ":3:", "wss://")) << process.transcript();
  EXPECT_TRUE(has_error_line(process, prefix + ":4:", "username")) << process.transcript();
  EXPECT_TRUE(has_error_line(process, prefix + ":7:", "linger.mss")) << process.transcript();
  EXPECT_TRUE(has_error_line(process, prefix + ":9:", "cdr")) << process.transcript();
  EXPECT_TRUE(has_error_line(process, prefix + ":10:", "lake")) << process.transcript();
  EXPECT_THAT(process.transcript(), testing::Not(HasSubstr("hunter2")));
}

TEST(ProcessTest, RunRejectsABrokenConfigurationLikeCheck) {
  TemporaryDirectory directory;
  const auto file = write(directory, "pbx: []\n");
  Process process({bridge_executable(), "run", "--config", file.string()});
  EXPECT_EQ(process.wait(), 78);
  EXPECT_TRUE(process.wait_for_error(file.string() + ":1:1: missing "));
}

TEST(ProcessTest, ASecondSignalEndsItAtOnce) {
  Simulator simulator;
  BridgeProcess bridge(everything_of(simulator.url()) +
                       "sinks:\n  dead: { type: mqtt, url: \"mqtt://127.0.0.1:9\" }\n"
                       "routes:\n  - match: {}\n    to: { sink: dead, topic: t }\nshutdown_timeout: 60s\n");
  ASSERT_TRUE(bridge.wait_for_log("pbx.subscription_granted"));
  ASSERT_TRUE(eventually([&] { return bridge.metric(R"(pbxbridge_sink_lag_events{sink="dead"})") > 0; }));
  bridge.process().send_signal(SIGTERM);
  ASSERT_TRUE(bridge.wait_for_log("process.stopping"));
  bridge.process().send_signal(SIGTERM);
  EXPECT_EQ(bridge.process().wait(std::chrono::seconds(5)), 128 + SIGTERM);
}

TEST(ProcessTest, AStopWithADeadSinkEndsInTimeAndSaysWhatIsLeft) {
  Simulator simulator;
  BridgeProcess bridge(everything_of(simulator.url()) +
                       "sinks:\n  dead: { type: mqtt, url: \"mqtt://127.0.0.1:9\" }\n"
                       "routes:\n  - match: {}\n    to: { sink: dead, topic: t }\nshutdown_timeout: 1s\n");
  ASSERT_TRUE(eventually([&] { return bridge.metric(R"(pbxbridge_sink_lag_events{sink="dead"})") > 0; }));
  EXPECT_EQ(bridge.stop(), 0);
  EXPECT_TRUE(bridge.wait_for_log("process.stopped_with_rest")) << bridge.process().transcript();
}

TEST(ProcessTest, LogLinesAreJsonWithoutPayloadsOrSecrets) {
  TemporaryDirectory directory;
  Simulator simulator;
  BridgeProcess bridge(everything_of(simulator.url()) + file_sink(directory / "events.ndjson"));
  ASSERT_TRUE(bridge.wait_for_log("pbx.subscription_granted"));
  simulator.command(R"(push {"event_type":"nobody_knows","caller":"+4915550100","session_id":"77"})");
  ASSERT_TRUE(bridge.wait_for_log("event.untidy")) << bridge.process().transcript();
  EXPECT_EQ(bridge.stop(), 0);
  for (const auto& line : bridge.process().error_lines()) {
    EXPECT_TRUE(nlohmann::json::accept(line)) << line;
    EXPECT_EQ(line.find("15550100"), std::string::npos) << line;
    EXPECT_EQ(line.find("secret"), std::string::npos) << line;
  }
}

TEST(ProcessTest, AHangUpSignalOpensFilesAnewForLogrotate) {
  TemporaryDirectory directory;
  const auto path = directory / "events.ndjson";
  Simulator simulator;
  BridgeProcess bridge(everything_of(simulator.url()) + file_sink(path));
  ASSERT_TRUE(eventually([&] { return std::filesystem::exists(path); }));
  std::filesystem::rename(path, directory / "events.ndjson.1");
  bridge.process().send_signal(SIGHUP);
  EXPECT_TRUE(eventually([&] { return std::filesystem::exists(path); })) << bridge.process().transcript();
}

TEST(ProcessTest, CountsThePayloadBytesThatCameOnce) {
  Simulator simulator;
  BridgeProcess bridge(everything_of(simulator.url()) +
                       "sinks:\n  out: { type: stdout, format: raw }\nroutes:\n  - match: {}\n    to: { sink: out }\n");
  ASSERT_TRUE(bridge.wait_for_metric(R"(pbxbridge_pbx_subscriptions{pbx="hq",state="granted"})",
                                     everything_subscriptions, std::chrono::seconds(60)));
  const std::vector<std::string> pushed = {
      R"({"event_type":"call_start","session_id":"1"})",
      R"({"event_type":"call_start","session_id":"2","n":")" + std::string(5000, 'x') + "\"}",
      R"({"event_type":"nobody_knows","text":"\u00e4"})"};
  for (const auto& payload : pushed) simulator.command("push " + payload);
  ASSERT_TRUE(bridge.process().wait_for_output("nobody_knows", std::chrono::seconds(60)));

  // The simulator's snapshots, before what was pushed, are JSON without line breaks: their lines are their bytes.
  const auto lines = bridge.process().output_lines();
  ASSERT_GT(lines.size(), pushed.size());
  EXPECT_TRUE(std::equal(pushed.begin(), pushed.end(), lines.end() - static_cast<std::ptrdiff_t>(pushed.size())));
  std::size_t bytes = 0;
  for (const auto& line : lines) bytes += line.size();
  EXPECT_EQ(bridge.metric(R"(pbxbridge_received_bytes_total{pbx="hq"})"), static_cast<double>(bytes));
  EXPECT_GT(bridge.metric(R"(pbxbridge_pbx_last_event_timestamp_seconds{pbx="hq"})"), 0);
}

TEST(ProcessTest, EventsThatNoRouteTakesAreCountedAndSaid) {
  TemporaryDirectory directory;
  Simulator simulator;
  BridgeProcess bridge(everything_of(simulator.url()) +
                       "sinks:\n  log: { type: file, path: " + (directory / "x").string() +
                       " }\nroutes:\n  - match: { family: trunk }\n    to: { sink: log }\n");
  EXPECT_TRUE(bridge.wait_for_log("event.unrouted")) << bridge.process().transcript();
  EXPECT_GE(bridge.metric(R"(pbxbridge_events_unrouted_total{pbx="hq"})"), 1);
  EXPECT_TRUE(bridge.wait_for_metric(R"(pbxbridge_sink_lag_events{sink="log"})", 0));
}

TEST(ProcessTest, AnAdminAddressThatIsTakenIsSaidAndEndsTheStart) {
  TemporaryDirectory directory;
  Simulator simulator;
  std::string address = simulator.url().substr(5);
  address = address.substr(0, address.find('/'));
  const auto file = write(directory, everything_of(simulator.url()) + file_sink(directory / "x") +
                                         "admin: { listen: \"" + address + "\" }\n");
  Process process({bridge_executable(), "run", "--config", file.string()});
  EXPECT_EQ(process.wait(), 78);
  EXPECT_TRUE(process.wait_for_error("admin.listen: ")) << process.transcript();
  EXPECT_TRUE(process.wait_for_error("Address already in use")) << process.transcript();
}

}  // namespace
}  // namespace pbxbridge::test
