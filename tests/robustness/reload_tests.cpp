// Reloads under traffic, judged by the PBX's ledger: sinks and PBXs that come, go and change, and pbxbridge killed in
// the middle of it.

#include "duplicates.hpp"
#include "kafka_witness.hpp"
#include "mqtt_witness.hpp"
#include "scenario.hpp"
#include "support/kafka_broker.hpp"
#include "support/wait.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace pbxbridge::test {
namespace {

using namespace std::chrono_literals;

/// Replaces the first `what`.
std::string with(std::string text, const std::string& what, const std::string& in_place) {
  const auto position = text.find(what);
  EXPECT_NE(position, std::string::npos) << what;
  return text.replace(position, what.size(), in_place);
}

/// Leaves out the sink of that name, and its destinations.
std::string without_sink(const std::string& text, const std::string& sink) {
  std::string kept;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (!line.starts_with("  " + sink + ": ") && line.find("{ sink: " + sink + ",") == std::string::npos)
      kept += line + "\n";
  return kept;
}

/// Takes another number each time, so that the sink is changed.
std::string with_other_sink(const std::string& text, const std::string& sink, int number) {
  return with(text, "  " + sink + ": { ", "  " + sink + ": { window: " + std::to_string(1000 + number % 2) + ", ");
}

std::string with_other_pbx(const std::string& text, int number) {
  return with(text, "  - name: hq\n", "  - name: hq\n    reset_after: " + std::to_string(60 + number % 2) + "s\n");
}

class ReloadUnderTraffic : public testing::Test {
 protected:
  ReloadUnderTraffic() : kafka_(shared_kafka()), mqtt_(mosquitto_) {}

  void start(const std::string& fault, int events_a_second = 1000) {
    scenario_ = std::make_unique<Scenario>(ScenarioOptions{.fault = fault, .events_a_second = events_a_second},
                                           std::vector<Witness*>{&kafka_, &mqtt_});
    scenario_->start_bridge();
    ASSERT_TRUE(scenario_->wait_for_deliveries("lake", 300));
    ASSERT_TRUE(scenario_->wait_for_deliveries("board", 300));
  }
  std::string configuration() const { return scenario_->configuration(); }
  void reload(const std::string& text) {
    ASSERT_TRUE(scenario_->bridge().reload(text, 60s)) << scenario_->bridge().process().transcript();
  }
  double connections(const std::string& sink) {
    return scenario_->bridge().metric("pbxbridge_sink_connections_total{sink=\"" + sink + "\"}");
  }
  /// Waits until neither sink lags by more than what is on its way.
  void wait_until_caught_up() {
    for (const char* sink : {"lake", "board"})
      ASSERT_TRUE(eventually([&] { return scenario_->lag(sink) < 100; }, 300s)) << sink;
  }
  void expect_nothing_lost(int runs) {
    scenario_->expect_recovery();
    scenario_->expect_nothing_lost({.duplicates = duplicates_of_a_connection * static_cast<std::size_t>(runs)}, runs);
  }

  /// A sink that comes back delivers faster than the consumer reads.
  MosquittoBroker mosquitto_{{.config = {"max_queued_messages 0"}}};
  KafkaWitness kafka_;
  MqttWitness mqtt_;
  std::unique_ptr<Scenario> scenario_;
};

TEST_F(ReloadUnderTraffic, ChangedSinksGoOnWhereTheyWere) {
  constexpr int runs = 6;
  start("sinks changed by a reload");
  for (int run = 0; run < runs; ++run)
    reload(with_other_sink(configuration(), run % 2 == 0 ? "lake" : "board", run / 2));
  EXPECT_EQ(scenario_->bridge().metric(R"(pbxbridge_pbx_connections_total{pbx="hq"})"), 1);
  expect_nothing_lost(runs);
}

TEST_F(ReloadUnderTraffic, WhatIsUnchangedKeepsItsConnection) {
  start("another sink changed by a reload");
  for (int run = 0; run < 4; ++run) reload(with_other_sink(configuration(), "board", run));
  EXPECT_EQ(connections("lake"), 1);
  expect_nothing_lost(4);
}

TEST_F(ReloadUnderTraffic, ASinkIsRemovedAndComesBack) {
  constexpr int runs = 4;
  start("a sink removed by a reload, and added again");
  for (int run = 0; run < runs; ++run) {
    const std::string sink = run % 2 == 0 ? "lake" : "board";
    const std::string other = run % 2 == 0 ? "board" : "lake";
    reload(without_sink(configuration(), sink));
    const double delivered = scenario_->bridge().metric("pbxbridge_events_delivered_total{sink=\"" + other + "\"}");
    ASSERT_TRUE(scenario_->wait_for_deliveries(other, static_cast<int>(delivered) + 500));
    reload(configuration());
  }
  expect_nothing_lost(runs);
}

TEST_F(ReloadUnderTraffic, AChangedPbxMissesNoMoreThanWhilstItConnects) {
  constexpr int runs = 4;
  start("the PBX changed by a reload");
  for (int run = 0; run < runs; ++run) {
    reload(with_other_pbx(configuration(), run));
    ASSERT_TRUE(scenario_->wait_until_subscribed());
  }
  expect_nothing_lost(runs);
  EXPECT_GE(scenario_->bridge().metric(R"(pbxbridge_gaps_total{reason="disconnected"})"), runs);
}

/// Killed at any moment of it: the next start finds each sink's cursor, whichever configuration it belonged to.
TEST_F(ReloadUnderTraffic, KilledInTheMiddleOfAReload) {
  const int runs = robustness_runs(10);
  start("kill -9 in the middle of a reload");
  auto random = seeded_random();
  std::uniform_int_distribution<int> microseconds(0, 60'000);
  for (int run = 0; run < runs; ++run) {
    const std::string kinds[] = {with_other_sink(configuration(), "lake", run), without_sink(configuration(), "board"),
                                 without_sink(configuration(), "lake")};
    scenario_->bridge().write_configuration(kinds[run % std::size(kinds)]);
    scenario_->bridge().process().send_signal(SIGHUP);
    std::this_thread::sleep_for(std::chrono::microseconds(microseconds(random)));
    scenario_->kill_bridge();
    scenario_->start_bridge();
    ASSERT_TRUE(scenario_->wait_for_deliveries("lake", 50));
    wait_until_caught_up();  // 200 ms of a backlog hold more events than 200 ms of traffic
  }
  scenario_->expect_recovery();
  scenario_->expect_nothing_lost({.duplicates = duplicates_of_a_kill * static_cast<std::size_t>(runs),
                                  .late_requests = static_cast<std::size_t>(runs)},
                                 runs);
}

/// 50 of them, 1,000 in the long form: each kind of change in turn, as fast as they go.
TEST_F(ReloadUnderTraffic, OneAfterTheOther) {
  const int runs = is_long_form() ? 1000 : 50;
  start(std::to_string(runs) + " reloads at 5,000 events/s", 5000);
  for (int run = 0; run < runs; ++run) {
    const std::string as_it_is = configuration();
    const std::string kinds[] = {with_other_sink(as_it_is, "lake", run), with_other_sink(as_it_is, "board", run),
                                 without_sink(as_it_is, "lake"),         as_it_is,
                                 without_sink(as_it_is, "board"),        as_it_is,
                                 as_it_is + "shutdown_timeout: 9s\n"};
    reload(kinds[static_cast<std::size_t>(run) % std::size(kinds)]);
  }
  reload(configuration() + "shutdown_timeout: 8s\n");
  EXPECT_EQ(scenario_->bridge().metric(R"(pbxbridge_config_reloads_total{result="applied"})"), runs + 1);
  EXPECT_EQ(scenario_->bridge().metric(R"(pbxbridge_pbx_connections_total{pbx="hq"})"), 1);
  // A sink that connects again and again lags.
  scenario_->set_rate(500);
  wait_until_caught_up();
  expect_nothing_lost(runs);
}

}  // namespace
}  // namespace pbxbridge::test
