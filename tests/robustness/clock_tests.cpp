// The clock of the machine is set while events come: nothing that is counted or kept by time goes wrong.

#include "duplicates.hpp"
#include "integration/subscriptions.hpp"
#include "kafka_witness.hpp"
#include "mqtt_witness.hpp"
#include "scenario.hpp"
#include "support/clock_shift.hpp"
#include "support/kafka_broker.hpp"
#include "support/wait.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <array>
#include <optional>
#include <signal.h>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace pbxbridge::test {
namespace {

using namespace std::chrono_literals;

/// Nothing that is measured can be below nothing.
void expect_no_negative_metric(Scenario& scenario) {
  std::istringstream lines(scenario.bridge().get("/metrics"));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) continue;
    EXPECT_FALSE(line.substr(line.rfind(' ') + 1).starts_with('-')) << line;
  }
}

TEST(Clock, JumpsByAnHourCostNothing) {
  MosquittoBroker mosquitto({.config = {"max_queued_messages 0"}, .persistence = true});
  KafkaWitness kafka(shared_kafka());
  MqttWitness mqtt(mosquitto);
  Scenario scenario({.fault = "clock set forward and back by an hour", .spool = ", max_age: 2h"}, {&kafka, &mqtt});
  const ClockShift clock(scenario.directory());
  scenario.environment() = clock.environment();
  scenario.start_bridge();
  ASSERT_TRUE(scenario.wait_for_deliveries("board", 200));
  mosquitto.stop();  // so that there are events in the spool which are an hour old, or not yet born
  ASSERT_TRUE(eventually([&] { return scenario.lag("board") >= 200; }));
  constexpr std::array<std::chrono::hours, 4> jumps{1h, 0h, -1h, 0h};
  int delivered = static_cast<int>(scenario.bridge().metric("pbxbridge_events_delivered_total{sink=\"lake\"}"));
  for (const auto ahead : jumps) {
    clock.set(ahead);
    delivered += 400;
    ASSERT_TRUE(scenario.wait_for_deliveries("lake", delivered)) << scenario.bridge().process().transcript();
    expect_no_negative_metric(scenario);
  }
  mosquitto.start();
  scenario.expect_recovery();
  expect_no_negative_metric(scenario);
  EXPECT_EQ(scenario.dropped("board"), 0);
  EXPECT_EQ(scenario.dropped("lake"), 0);
  scenario.expect_nothing_lost({.duplicates = duplicates_of_a_connection}, static_cast<int>(jumps.size()));
}

/// Gaps say what people read on the clock at both ends, and how long they really took.
class GapsWhileTheClockIsSet : public testing::TestWithParam<int> {
 protected:
  void start() {
    bridge_.emplace(
        everything_of(pbx_.url()) +
            "sinks: { out: { type: stdout } }\nroutes:\n  - { match: {}, to: { sink: out } }\nspool: { path: " +
            (directory_ / "spool").string() + " }\n",
        Process::Options{.environment = clock_.environment(), .working_directory = {}, .network_namespace = {}});
    ASSERT_TRUE(bridge_->wait_for_metric(R"(pbxbridge_pbx_subscriptions{pbx="hq",state="granted"})",
                                         everything_subscriptions, 60s))
        << bridge_->process().transcript();
    ASSERT_TRUE(eventually([this] { return !spool({"stat"})["pbx"].empty(); })) << "its mark is not on the disk";
  }
  /// The only line that `pbxbridge spool` prints.
  nlohmann::json spool(std::vector<std::string> arguments) {
    std::vector<std::string> command{bridge_executable(), "spool"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    command.insert(command.end(), {"--json", "--config", bridge_->configuration_file().string()});
    Process process(command);
    EXPECT_EQ(process.wait(), 0) << process.transcript();
    const auto lines = process.output_lines();
    EXPECT_EQ(lines.size(), 1U) << process.transcript();
    return lines.empty() ? nlohmann::json() : nlohmann::json::parse(lines.front());
  }
  /// Long enough for the marks of the spool to be stored by the new clock.
  void set_clock_and_wait() {
    clock_.set(std::chrono::seconds(GetParam()));
    std::this_thread::sleep_for(3s);
  }
  void expect_gap(const std::string& reason, std::chrono::steady_clock::time_point begun, double earlier) {
    ASSERT_TRUE(bridge_->wait_for_metric("pbxbridge_gaps_total{reason=\"" + reason + "\"}", 1, 60s));
    const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    const double counted = bridge_->metric("pbxbridge_gap_seconds_total{reason=\"" + reason + "\"}");
    EXPECT_GE(counted, 2.9);
    EXPECT_LE(counted, took + earlier);
    ASSERT_EQ(bridge_->stop(), 0);
    const auto gap = spool({"list", "--gaps"});
    EXPECT_NEAR(gap["seconds"].get<double>(), counted, 0.001);
    EXPECT_EQ(gap["end"].get<std::string>() < gap["begin"].get<std::string>(), GetParam() < 0) << gap.dump();
  }

  Simulator pbx_;
  TemporaryDirectory directory_;
  ClockShift clock_{directory_.path()};
  std::optional<BridgeProcess> bridge_;
};

TEST_P(GapsWhileTheClockIsSet, TakeAsLongAsTheyDoWhenDisconnected) {
  start();
  const auto begun = std::chrono::steady_clock::now();
  pbx_.command("refuse-connections on");
  pbx_.command("drop fin");
  ASSERT_TRUE(bridge_->wait_for_metric(R"(pbxbridge_pbx_authenticated{pbx="hq"})", 0));
  set_clock_and_wait();
  pbx_.command("refuse-connections off");
  expect_gap("disconnected", begun, 0);
}

TEST_P(GapsWhileTheClockIsSet, TakeAsLongAsTheyDoWhenNotRunning) {
  start();
  const auto begun = std::chrono::steady_clock::now();
  bridge_->process().send_signal(SIGKILL);
  ASSERT_TRUE(bridge_->process().wait());
  set_clock_and_wait();
  start();
  expect_gap("not_running", begun, 5);
}

INSTANTIATE_TEST_SUITE_P(Each, GapsWhileTheClockIsSet, testing::Values(-3600, 3600, 0), [](const auto& instance) {
  return instance.param < 0 ? "back" : instance.param > 0 ? "forward" : "left";
});

}  // namespace
}  // namespace pbxbridge::test
