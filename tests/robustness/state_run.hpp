#pragma once

#include "state_judge.hpp"
#include "support/bridge_process.hpp"
#include "support/mosquitto_broker.hpp"
#include "support/simulator.hpp"
#include "support/temporary_directory.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <random>
#include <string>

namespace pbxbridge::test {

/// Kind of PBX, by what it sends: events as documented, untidy ones, or those of version 16, which has no snapshots.
enum class PbxKind { tidy, untidy, older };

/// Result of a run.
struct StateOutcome {
  std::string difference;  ///< in words for a person; empty: everybody finds what is
  std::string log;         ///< of the last pbxbridge
  std::size_t documents = 0;
  std::size_t removals = 0;
  std::size_t duplicates = 0;
  std::size_t further_reconnects = 0;  ///< that it took until all that is gone was removed
  double seconds = 0;                  ///< from the end of the faults until all was right
};

/// A simulated PBX on a fast day, pbxbridge, a mosquitto and a topic of the shared Kafka with cleanup.policy=compact.
/// Processes and connections fail at random, and people come and go meanwhile; then the PBX stands still, and the
/// readers are compared with its model.
class StateRun {
 public:
  StateRun(unsigned seed, PbxKind kind);
  StateRun(const StateRun&) = delete;
  StateRun& operator=(const StateRun&) = delete;

  /// Once. Throws where something does not come in time.
  StateOutcome run();

 private:
  int below(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random_); }
  void pause(std::chrono::milliseconds at_most);
  std::string configuration() const;
  void start_bridge();
  void kill_bridge();
  void cut_connection();
  void restore_connection();
  void wait_until_subscribed();
  void wait_for_subscriptions(int granted);
  /// An order to the people in the model. What cannot be done just now is rejected, and nothing has happened.
  void order(const std::string& line);
  void administrate();
  void fail_once();
  void lose_removals();
  void wait_until_settled();
  bool shows_what_is_lost() const;
  ModelState model_state();
  std::string difference_now();

  std::mt19937 random_;
  const PbxKind kind_;
  TemporaryDirectory directory_;
  const std::string topic_;
  const std::string queue_events_topic_;
  MosquittoBroker mosquitto_;
  Simulator simulator_;
  std::optional<BridgeProcess> bridge_;
  ModelState model_at_connection_;  ///< as pbxbridge was subscribed last
  StateOutcome outcome_;
};

}  // namespace pbxbridge::test
