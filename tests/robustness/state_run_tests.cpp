// State as the PBX has it is also what a late subscriber, a reader of a compacted topic and the spool have, whatever
// has failed.

#include "report.hpp"
#include "state_run.hpp"
#include "support/long_form.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <iostream>
#include <mutex>
#include <vector>

namespace pbxbridge::test {
namespace {

constexpr int runs_in_short = 5;
/// Most of a run is waiting.
constexpr int runs_at_once = 5;

/// One PBX in five is untidy, and one speaks version 16.
PbxKind kind_of(unsigned seed) {
  if (seed % 5 == 0) return PbxKind::untidy;
  return seed % 5 == 1 ? PbxKind::older : PbxKind::tidy;
}

StateOutcome outcome_of(unsigned seed) {
  try {
    return StateRun(seed, kind_of(seed)).run();
  } catch (const std::exception& error) {
    return {.difference = error.what()};
  }
}

/// The outcomes of so many runs, each printed as it ends.
std::vector<StateOutcome> run_all(int runs, unsigned first_seed) {
  std::vector<StateOutcome> outcomes(static_cast<std::size_t>(runs));
  std::atomic<std::size_t> next = 0;
  std::mutex output;
  const auto run_some = [&] {
    for (auto run = next++; run < outcomes.size(); run = next++) {
      const auto seed = first_seed + static_cast<unsigned>(run);
      outcomes[run] = outcome_of(seed);
      const std::lock_guard lock(output);
      std::cout << "seed " << seed << ": " << outcomes[run].documents << " documents, " << outcomes[run].removals
                << " removals, " << outcomes[run].seconds << " s, " << outcomes[run].further_reconnects
                << " further reconnects\n"
                << (outcomes[run].difference.empty() ? "" : outcomes[run].log) << std::flush;
    }
  };
  std::vector<std::future<void>> lanes;
  for (int lane = 0; lane < std::min(runs, runs_at_once); ++lane)
    lanes.push_back(std::async(std::launch::async, run_some));
  for (auto& lane : lanes) lane.get();
  return outcomes;
}

/// Repeat the run of a seed with PBXBRIDGE_ROBUSTNESS_SEED=seed and PBXBRIDGE_ROBUSTNESS_RUNS=1.
TEST(State, IsThatOfThePbxForEveryReaderAfterRandomFaults) {
  const int runs = robustness_runs(runs_in_short);
  const auto first_seed = robustness_seed();
  const auto outcomes = run_all(runs, first_seed);
  std::size_t wrong = 0, duplicates = 0;
  double seconds = 0;
  for (std::size_t run = 0; run < outcomes.size(); ++run) {
    const auto& outcome = outcomes[run];
    EXPECT_EQ(outcome.difference, "") << "seed " << first_seed + run;
    EXPECT_GT(outcome.documents, 10U) << "seed " << first_seed + run;
    EXPECT_GT(outcome.removals, 0U) << "seed " << first_seed + run;
    wrong += outcome.difference.empty() ? 0 : 1;
    duplicates += outcome.duplicates;
    seconds = std::max(seconds, outcome.seconds);
  }
  write_robustness_row("state at the end of kills, resets, stopped brokers and removals", runs, wrong, duplicates,
                       seconds);
}

}  // namespace
}  // namespace pbxbridge::test
