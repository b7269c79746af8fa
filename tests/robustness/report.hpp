#pragma once

#include <cstddef>
#include <random>
#include <string>

namespace pbxbridge::test {

/// Random, or PBXBRIDGE_ROBUSTNESS_SEED; it is printed.
unsigned robustness_seed();
inline std::mt19937 seeded_random() { return std::mt19937(robustness_seed()); }

/// Writes a row of the table in build/PRESET/robustness.md, and prints it.
void write_robustness_row(const std::string& fault, int runs, std::size_t lost, std::size_t duplicates,
                          double seconds_to_recover);

}  // namespace pbxbridge::test
