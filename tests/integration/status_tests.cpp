// A running bridge's report on itself: /status, metrics, `pbxbridge status` and `health`.

#include "process.hpp"
#include "session_fixture.hpp"
#include "temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <signal.h>

namespace pbxbridge::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr const char* dead_sink =
    "sinks:\n  dead: { type: mqtt, url: \"mqtt://127.0.0.1:9\" }\n"
    "routes:\n  - match: {}\n    to: { sink: dead, topic: \"calls/{caller|none}\" }\n";

json status_of(BridgeProcess& bridge) { return json::parse(bridge.get("/status"), nullptr, false); }

Ended run(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), bridge_executable());
  return run_to_end(std::move(arguments));
}

TEST(Status, IsAsItsSchemaSays) {
  TemporaryDirectory directory;
  Simulator simulator;
  BridgeProcess bridge(
      everything_of(simulator.url()) +
      "sinks:\n  out: { type: stdout, format: raw }\n  dead: { type: mqtt, url: \"mqtt://127.0.0.1:9\" }\n"
      "routes:\n  - match: { family: extension }\n    to: [ { sink: out }, { sink: dead, topic: t } ]\n"
      "  - match: { caller: \"+4915550100\" }\n    to: { sink: out }\n");
  ASSERT_TRUE(wait_until_subscribed(bridge));
  ASSERT_TRUE(eventually([&] { return status_of(bridge)["routes"][0]["events"] > 0; }));
  simulator.command("close 1011 gone");
  ASSERT_TRUE(eventually([&] { return !status_of(bridge)["gaps"].empty(); }));
  const std::string body = bridge.get("/status");
  std::ofstream(directory / "status.json") << body;
  Process validator({PBXBRIDGE_SOURCE_DIRECTORY "/.cache/python/bin/python3",
                     PBXBRIDGE_SOURCE_DIRECTORY "/tests/support/validate_json.py",
                     PBXBRIDGE_SOURCE_DIRECTORY "/docs/schemas/status.schema.json",
                     (directory / "status.json").string()});
  EXPECT_EQ(validator.wait(), 0) << validator.transcript() << body;

  const json status = json::parse(body);
  EXPECT_EQ(status["version"], 1);
  EXPECT_EQ(status["pbxs"][0]["name"], "hq");
  EXPECT_EQ(status["pbxs"][0]["account"], "tenant");
  EXPECT_GE(status["pbxs"][0]["connection_epoch"], 2);
  EXPECT_EQ(status["gaps"][0]["reason"], "disconnected");
  EXPECT_EQ(status["routes"][1]["events"], 0);
  EXPECT_EQ(status["routes"][1]["match"], "caller: 1 value");
  EXPECT_EQ(status["sinks"][0]["name"], "dead");
  EXPECT_EQ(status["sinks"][0]["state"], "disconnected");
  EXPECT_THAT(status["sinks"][0]["last_failure"]["text"].get<std::string>(), HasSubstr("onnection refused"));
  EXPECT_GT(status["sinks"][0]["lag"]["events"], 0);
  EXPECT_GT(status["spool"]["free_bytes"], 0);
  EXPECT_GT(status["process"]["resident_bytes"], 1'000'000);
  EXPECT_THAT(status["verdict"]["sentence"].get<std::string>(), HasSubstr("Sink dead has been disconnected since"));
}

TEST(Status, NamesARejectedSubscriptionWithTheWordsOfThePbx) {
  Simulator simulator;
  simulator.command("reject queue_events no permission");
  BridgeProcess bridge(everything_of(simulator.url()) + to_stdout);
  ASSERT_TRUE(
      bridge.wait_for_metric(R"(pbxbridge_pbx_subscription_state{pbx="hq",state="rejected",topic="queue_events"})", 1))
      << bridge.process().transcript();
  EXPECT_EQ(bridge.metric(R"(pbxbridge_pbx_subscription_state{pbx="hq",state="rejected",topic="cdr_events"})"), 0);
  EXPECT_EQ(bridge.metric(R"(pbxbridge_pbx_subscription_state{pbx="hq",state="granted",topic="queue_events"})"), 0);
  const json status = status_of(bridge);
  EXPECT_EQ(status["verdict"]["level"], "failing");
  EXPECT_THAT(status["verdict"]["sentence"].get<std::string>(), HasSubstr("queue_events"));
}

TEST(Status, HoldsNoPayloadNoNumberAndNoSecret) {
  Simulator simulator;
  BridgeProcess bridge(everything_of(simulator.url()) + dead_sink);
  ASSERT_TRUE(bridge.wait_for_log("pbx.subscription_granted"));
  simulator.command(R"(push {"event_type":"call_start","caller":"+4915550100","session_id":"7788990011"})");
  ASSERT_TRUE(eventually([&] { return status_of(bridge)["sinks"][0]["lag"]["events"] > 0; }));
  for (const char* path : {"/status", "/metrics", "/"}) {
    const std::string body = bridge.get(path);
    ASSERT_NE(body, "") << path;
    for (const char* hidden : {"15550100", "7788990011", "secret\"", "password: secret", "8001", "\"101\""})
      EXPECT_THAT(body, Not(HasSubstr(hidden))) << path;
    // A part of the configuration, which the page shows.
    if (std::string(path) != "/") {
      EXPECT_THAT(body, Not(HasSubstr("example.test"))) << path;
    }
  }
}

TEST(Status, AReloadLeavesNothingOfTheOldConfigurationBehind) {
  Simulator simulator;
  const std::string before =
      everything_of(simulator.url()) +
      "sinks:\n  out: { type: stdout, format: raw }\n"
      "routes:\n  - match: { family: cdr }\n    to: { sink: out }\n  - match: {}\n    to: { sink: out }\n";
  BridgeProcess bridge(before);
  ASSERT_TRUE(wait_until_subscribed(bridge));
  EXPECT_GE(bridge.metric(R"(pbxbridge_route_events_total{route="2",sink="out"})"), 0);
  EXPECT_EQ(bridge.metric("pbxbridge_config_last_reload_successful"), 1);
  const std::string hash = status_of(bridge)["configuration"]["hash"];
  EXPECT_EQ(bridge.metric("pbxbridge_config_info{hash=\"" + hash + "\"}"), 1);

  std::string after = before.substr(0, before.find("      - { topic: cdr_events }")) + to_stdout;
  bridge.write_configuration(after);
  bridge.process().send_signal(SIGHUP);
  ASSERT_TRUE(bridge.wait_for_log("process.reloaded")) << bridge.process().transcript();
  ASSERT_TRUE(eventually([&] { return bridge.get("/metrics").find("topic=\"cdr_events\"") == std::string::npos; }));
  EXPECT_THAT(bridge.get("/configuration"), Not(HasSubstr("cdr_events")));
  const std::string metrics = bridge.get("/metrics");
  EXPECT_THAT(metrics, Not(HasSubstr("route=\"2\"")));
  EXPECT_THAT(metrics, Not(HasSubstr(hash)));
  EXPECT_THAT(metrics, HasSubstr("pbxbridge_config_reloads_total{result=\"applied\"} 1"));
  EXPECT_EQ(status_of(bridge)["routes"].size(), 1U);
  EXPECT_EQ(status_of(bridge)["pbxs"][0]["subscriptions"].size(), 4U);

  bridge.write_configuration("pbx: []\n");
  bridge.process().send_signal(SIGHUP);
  ASSERT_TRUE(bridge.wait_for_metric("pbxbridge_config_last_reload_successful", 0));
  const json status = status_of(bridge);
  EXPECT_EQ(status["configuration"]["last_reload"]["applied"], false);
  EXPECT_THAT(status["verdict"]["sentence"].get<std::string>(), HasSubstr("was rejected"));
}

TEST(StatusCommand, IsOneSentenceAndAnExitCode) {
  Simulator simulator;
  BridgeProcess bridge(everything_of(simulator.url()) + to_stdout);
  ASSERT_TRUE(wait_until_subscribed(bridge));
  const std::vector<std::string> where = {"--config", bridge.configuration_file().string(), "--address",
                                          "127.0.0.1:" + bridge.admin_port()};
  const auto with = [&](std::vector<std::string> words) {
    words.insert(words.end(), where.begin(), where.end());
    return words;
  };
  const Ended well = run(with({"status"}));
  EXPECT_EQ(well.exit_code, 0) << well.transcript;
  EXPECT_THAT(well.transcript, HasSubstr("All is well"));
  EXPECT_EQ(run(with({"health"})).exit_code, 0);
  EXPECT_THAT(run(with({"status", "--json"})).transcript, HasSubstr("\"sentence\":\"All is well\""));

  simulator.process().send_signal(SIGKILL);
  ASSERT_TRUE(bridge.wait_for_metric(R"(pbxbridge_pbx_authenticated{pbx="hq"})", 0));
  const Ended failing = run(with({"status"}));
  EXPECT_EQ(failing.exit_code, 1);
  EXPECT_THAT(failing.transcript, HasSubstr("PBX hq has been disconnected since"));
  EXPECT_EQ(run(with({"health"})).exit_code, 0) << "a PBX that is away makes nobody restart pbxbridge";

  EXPECT_EQ(bridge.stop(), 0);
  EXPECT_EQ(run(with({"status"})).exit_code, 1);
  const Ended gone = run(with({"health"}));
  EXPECT_EQ(gone.exit_code, 1);
  EXPECT_THAT(gone.transcript, HasSubstr("nothing answers on 127.0.0.1:"));
}

TEST(TopCommand, PrintsATableOnceForScripts) {
  Simulator simulator;
  BridgeProcess bridge(everything_of(simulator.url()) + to_stdout);
  ASSERT_TRUE(wait_until_subscribed(bridge));
  const std::vector<std::string> where = {
      "top",   "--config", bridge.configuration_file().string(), "--address", "127.0.0.1:" + bridge.admin_port(),
      "--once"};
  const Ended table = run(where);
  EXPECT_EQ(table.exit_code, 0);
  for (const char* part :
       {"All is well", "PBX", "hq", "subscribed", "SINK", "out", "connected", "ROUTE", "every event"})
    EXPECT_THAT(table.transcript, HasSubstr(part));
  EXPECT_EQ(table.transcript.find('\x1b'), std::string::npos);
  std::vector<std::string> in_json = where;
  in_json.push_back("--json");
  EXPECT_THAT(run(in_json).transcript, HasSubstr("\"version\":1"));
}

TEST(Metrics, ArePleasantToPromtool) {
  TemporaryDirectory directory;
  Simulator simulator;
  BridgeProcess bridge(everything_of(simulator.url()) + to_stdout);
  const auto file = directory / "metrics.txt";
  std::ofstream(file) << bridge.get("/metrics");
  Process promtool({"sh", "-c", "promtool check metrics < " + file.string()});
  EXPECT_EQ(promtool.wait(), 0) << promtool.transcript();
  EXPECT_TRUE(promtool.error_lines().empty() && promtool.output_lines().empty()) << promtool.transcript();
  for (const char* name : {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds",
                           "process_max_fds", "process_start_time_seconds"})
    EXPECT_GT(bridge.metric(name), 0) << name;
}

}  // namespace
}  // namespace pbxbridge::test
