#include "scenario.hpp"

#include "integration/subscriptions.hpp"
#include "support/wait.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <signal.h>
#include <stdexcept>
#include <utility>

namespace pbxbridge::test {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto long_enough = 60s;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

std::vector<std::string> simulator_arguments(const ScenarioOptions& options, const std::filesystem::path& ledger) {
  std::vector<std::string> arguments{"--ledger",      ledger.string(),
                                     "--rate",        std::to_string(options.events_a_second),
                                     "--start-after", std::to_string(everything_subscriptions)};
  arguments.insert(arguments.end(), options.simulator.begin(), options.simulator.end());
  return arguments;
}

}  // namespace

Scenario::Scenario(ScenarioOptions options, std::vector<Witness*> witnesses)
    : options_(std::move(options)),
      witnesses_(std::move(witnesses)),
      pbx_(simulator_arguments(options_, directory_ / "ledger")) {
  if (options_.spool_directory.empty()) options_.spool_directory = directory_ / "spool";
}

std::string Scenario::configuration() const {
  std::string text = everything_of(pbx_.url());
  if (!options_.second_session.empty())
    text += "  - { name: branch, url: " + pbx_.url() +
            ", auth: { username: bridge, domain: example.test, password: secret }, subscribe: "
            "[{ topic: extension_events, extensions: " +
            options_.second_session + " }] }\n";
  text += "sinks:\n";
  for (const auto* witness : witnesses_) text += "  " + witness->sink_entry() + "\n";
  text += "routes:\n  - match: { event_type: recovery_mark }\n    to:\n";
  for (const auto* witness : witnesses_) text += "      - " + witness->mark_destination() + "\n";
  text += "  - match: { not: { event_type: recovery_mark } }\n    to:\n";
  for (const auto* witness : witnesses_) text += "      - " + witness->destination() + "\n";
  text += "spool: { type: disk, path: \"" + options_.spool_directory.string() + "\"" + options_.spool + " }\n";
  return text + options_.configuration;
}

void Scenario::start_bridge() {
  bridge_ = std::make_unique<BridgeProcess>(
      configuration(),
      Process::Options{.environment = options_.environment, .working_directory = {}, .network_namespace = {}});
}

void Scenario::kill_bridge() {
  bridge_->process().send_signal(SIGKILL);
  if (!bridge_->process().wait()) throw std::runtime_error("pbxbridge does not die");
}

bool Scenario::run_until_killed(std::chrono::milliseconds deadline) {
  const auto file = directory_ / "pbxbridge.yaml";
  std::ofstream(file) << configuration() << "\nadmin: { listen: \"\" }\n";
  Process process({bridge_executable(), "run", "--config", file.string()},
                  {.environment = options_.environment, .working_directory = {}, .network_namespace = {}});
  const auto code = process.wait(deadline);
  EXPECT_TRUE(!code || code == 128 + SIGKILL) << process.transcript();
  return code.has_value();
}

int Scenario::stop_bridge() {
  for (const auto* witness : witnesses_) dropped_before_[witness->sink()] = dropped(witness->sink());
  return bridge_->stop();
}

bool Scenario::wait_until_subscribed() {
  return bridge_->wait_for_metric(R"(pbxbridge_pbx_subscriptions{pbx="hq",state="granted"})", everything_subscriptions,
                                  long_enough);
}

bool Scenario::wait_for_deliveries(const std::string& sink, int at_least) {
  return eventually(
      [&] { return bridge_->metric("pbxbridge_events_delivered_total{sink=\"" + sink + "\"}") >= at_least; },
      long_enough);
}

double Scenario::lag(const std::string& sink) {
  return bridge_->metric("pbxbridge_sink_lag_events{sink=\"" + sink + "\"}");
}

double Scenario::accepted() {
  double sum = 0;
  for (const char* family : {"extension_management", "extension", "cdr", "queue_management", "queue", "unknown"})
    sum += bridge_->metric("pbxbridge_events_accepted_total{family=\"" + std::string(family) + "\",pbx=\"hq\"}");
  return sum;
}

void Scenario::expect_recovery(const std::vector<Witness*>& of, std::chrono::seconds within) {
  const auto healed = Clock::now();
  const auto mark = fmt::format("mark-{}-of-{}", ++marks_, options_.fault);
  const std::string push = R"(push {"event_type":"recovery_mark","text":")" + mark + "\"}";
  EXPECT_TRUE(eventually([&] { return pbx_.command(push) != "ok push 0 clients"; }, long_enough))
      << "pbxbridge is not subscribed:\n"
      << bridge_->process().transcript();
  for (auto* witness : of.empty() ? witnesses_ : of)
    EXPECT_TRUE(witness->wait_for_mark(mark, long_enough)) << witness->sink() << " has not recovered:\n"
                                                           << bridge_->process().transcript();
  const auto seconds = seconds_since(healed);
  EXPECT_LE(seconds, std::chrono::duration<double>(within).count()) << "after healing";
  seconds_to_recover_ = std::max(seconds_to_recover_, seconds);
}

void Scenario::expect_traffic(const std::string& sink) {
  const auto delivered = [&] { return bridge_->metric("pbxbridge_events_delivered_total{sink=\"" + sink + "\"}"); };
  const auto healed = Clock::now();
  const double before = delivered();
  EXPECT_TRUE(eventually([&] { return delivered() > before; }, long_enough)) << bridge_->process().transcript();
  const auto seconds = seconds_since(healed);
  EXPECT_LE(seconds, std::chrono::duration<double>(promised_recovery).count()) << "after healing";
  seconds_to_recover_ = std::max(seconds_to_recover_, seconds);
}

double Scenario::dropped(const std::string& sink) {
  double sum = dropped_before_[sink];
  for (const char* reason : {"overload", "spool_full", "expired", "corrupted", "rejected"})
    sum += std::max(0.0, bridge_->metric("pbxbridge_events_dropped_total{reason=\"" + std::string(reason) +
                                         "\",sink=\"" + sink + "\"}"));
  return sum;
}

/// Long as it may take: as long as it comes on.
bool Scenario::catches_up(const std::string& sink) {
  double before = lag(sink);
  while (before != 0) {
    if (!eventually([&] { return lag(sink) < before; }, long_enough)) return false;
    before = lag(sink);
  }
  return true;
}

void Scenario::end_traffic() {
  set_rate(0);
  for (const auto* witness : witnesses_)
    EXPECT_TRUE(catches_up(witness->sink())) << witness->sink() << " lags by " << lag(witness->sink()) << " events\n"
                                             << bridge_->process().transcript();
}

void Scenario::expect_nothing_lost_but_counted(const Allowance& allowance) {
  end_traffic();
  const auto is_accounted_for = [this](const Verdict& verdict) {
    return static_cast<double>(verdict.lost.size()) <= dropped(verdict.sink) && verdict.unknown.empty() &&
           verdict.out_of_order.empty() && verdict.unmarked.empty() && verdict.too_many_duplicates.empty();
  };
  std::vector<Verdict> found;
  const bool accounted_for = eventually(
      [&] {
        found = verdicts(allowance);
        return std::ranges::all_of(found, is_accounted_for);
      },
      10s);
  EXPECT_TRUE(accounted_for) << bridge_->process().transcript();
  std::size_t not_counted = 0, duplicates = 0;
  for (const auto& verdict : found) {
    const auto counted = static_cast<std::size_t>(dropped(verdict.sink));
    std::cout << verdict.sink << ": " << verdict.delivered << " delivered, " << verdict.lost.size() << " missing, "
              << counted << " counted as dropped\n";
    not_counted += verdict.lost.size() - std::min(verdict.lost.size(), counted);
    duplicates += verdict.duplicates;
    EXPECT_EQ(verdict.unknown.size() + verdict.out_of_order.size() + verdict.unmarked.size() +
                  verdict.too_many_duplicates.size(),
              0U)
        << verdict;
  }
  write_row(1, not_counted, duplicates);
}

void Scenario::expect_nothing_lost(const Allowance& allowance, int runs) {
  end_traffic();
  auto found = verdicts(allowance);
  // The last ones may still be on their way to the consumers.
  for (int i = 0; i < 10 && !std::ranges::all_of(found, &Verdict::clean); ++i) {
    std::this_thread::sleep_for(500ms);
    found = verdicts(allowance);
  }
  std::size_t lost = 0, duplicates = 0;
  for (const auto& verdict : found) {
    lost += verdict.lost.size();
    duplicates += verdict.duplicates;
    EXPECT_TRUE(verdict.clean()) << verdict << bridge_->process().transcript();
    EXPECT_GT(verdict.delivered, 0U);
    std::cout << verdict;
  }
  write_row(runs, lost, duplicates);
}

std::vector<Verdict> Scenario::verdicts(const Allowance& allowance) {
  std::vector<Arrivals> arrivals;
  for (auto* witness : witnesses_) arrivals.push_back(witness->arrivals());
  return judge(read_ledger(directory_ / "ledger"), arrivals, allowance);
}

void Scenario::write_row(int runs, std::size_t lost, std::size_t duplicates) const {
  write_robustness_row(options_.fault, runs, lost, duplicates, seconds_to_recover_);
}

}  // namespace pbxbridge::test
