#pragma once

#include <cstdlib>

namespace pbxbridge::test {

/// Returns how often a fault is to be tried: PBXBRIDGE_ROBUSTNESS_RUNS (`./dev test --robustness`), else `short_run`.
inline int robustness_runs(int short_run) {
  const char* runs = std::getenv("PBXBRIDGE_ROBUSTNESS_RUNS");
  return runs != nullptr && *runs != '\0' ? std::atoi(runs) : short_run;
}

/// `./dev test --robustness --long`
inline bool is_long_form() { return robustness_runs(0) >= 500; }

}  // namespace pbxbridge::test
