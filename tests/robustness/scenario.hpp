#pragma once

#include "judge.hpp"
#include "report.hpp"
#include "support/bridge_process.hpp"
#include "support/long_form.hpp"
#include "support/simulator.hpp"
#include "support/temporary_directory.hpp"
#include "witness.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::test {

/// After a fault is over, until events flow again.
inline constexpr std::chrono::seconds promised_recovery{10};

/// Options that differ from one scenario to the next.
struct ScenarioOptions {
  std::string fault;  ///< its row in the table
  int events_a_second = 500;
  std::string configuration;                       ///< further top-level entries
  std::string spool = "";                          ///< further fields of a spool on disk, such as `, max_size: 64MiB`
  std::filesystem::path spool_directory;           ///< empty: one of the scenario's own
  std::map<std::string, std::string> environment;  ///< environment of pbxbridge
  std::vector<std::string> simulator = {};         ///< further arguments of the simulated PBX
  /// Extensions that a second session subscribes to, as a YAML list; none: there is one session alone.
  std::string second_session = "";
};

/// The simulated PBX with its ledger, pbxbridge with a spool on disk between it and the witnesses, and what all
/// scenarios do with them: traffic, a fault, healing, a verdict, and a row in build/PRESET/robustness.md. Deadlines are
/// long, for machines that are busy with other tests; the one on recovery is the promise.
class Scenario {
 public:
  /// The witnesses' brokers must outlive this object.
  Scenario(ScenarioOptions options, std::vector<Witness*> witnesses);

  Simulator& pbx() { return pbx_; }
  BridgeProcess& bridge() { return *bridge_; }
  /// The configuration of pbxbridge, without what `BridgeProcess` adds.
  std::string configuration() const;
  std::filesystem::path spool_directory() const { return options_.spool_directory; }
  std::filesystem::path directory() const { return directory_.path(); }
  std::map<std::string, std::string>& environment() { return options_.environment; }
  void set_rate(int events_a_second) { pbx_.command("rate " + std::to_string(events_a_second)); }

  /// Starts it, with traffic from the moment on at which it is subscribed.
  void start_bridge();
  void kill_bridge();
  /// Starts one that is expected to die of SIGKILL by itself; false where it does not, and is killed.
  [[nodiscard]] bool run_until_killed(std::chrono::milliseconds deadline);
  /// SIGTERM; the exit code, -1 where it does not end in time.
  int stop_bridge();
  bool wait_until_subscribed();
  /// Waits until the sink has acknowledged so many events more since pbxbridge started.
  [[nodiscard]] bool wait_for_deliveries(const std::string& sink, int at_least);
  double lag(const std::string& sink);
  double accepted();  ///< since pbxbridge started

  /// Call it when the fault is over: pushes a mark through the whole way and expects it at each witness (or at those
  /// named) `within` that time.
  void expect_recovery(const std::vector<Witness*>& of = {}, std::chrono::seconds within = promised_recovery);

  /// The same without a mark, for a sink that has much to catch up with: some of it must be acknowledged within 10 s.
  void expect_traffic(const std::string& sink);

  /// Other brokers from the next start on.
  void use(std::vector<Witness*> witnesses) { witnesses_ = std::move(witnesses); }
  SentLedger ledger() const { return read_ledger(directory_ / "ledger"); }

  /// Ends the traffic, waits until all that must come has come, and expects a clean verdict. Writes the row.
  void expect_nothing_lost(const Allowance& allowance, int runs = 1);
  /// Likewise, where there was no room: no sink may miss more than was counted as dropped for it. The row tells what
  /// was not counted as lost.
  void expect_nothing_lost_but_counted(const Allowance& allowance);
  /// Returns events dropped for any reason, since pbxbridge started, and before each `stop_bridge`.
  double dropped(const std::string& sink);
  /// A row of the table, and on standard output.
  void write_row(int runs, std::size_t lost, std::size_t duplicates) const;

 private:
  std::vector<Verdict> verdicts(const Allowance& allowance);
  void end_traffic();
  bool catches_up(const std::string& sink);

  ScenarioOptions options_;
  std::vector<Witness*> witnesses_;
  TemporaryDirectory directory_;
  Simulator pbx_;
  std::unique_ptr<BridgeProcess> bridge_;
  std::map<std::string, double> dropped_before_;  // by sink
  int marks_ = 0;
  double seconds_to_recover_ = 0;
};

}  // namespace pbxbridge::test
