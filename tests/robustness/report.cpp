#include "report.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <iostream>

namespace pbxbridge::test {

unsigned robustness_seed() {
  const char* given = std::getenv("PBXBRIDGE_ROBUSTNESS_SEED");
  const auto seed =
      given != nullptr && *given != '\0' ? static_cast<unsigned>(std::stoul(given)) : std::random_device()();
  std::cout << "PBXBRIDGE_ROBUSTNESS_SEED=" << seed << '\n';
  return seed;
}

void write_robustness_row(const std::string& fault, int runs, std::size_t lost, std::size_t duplicates,
                          double seconds_to_recover) {
  const auto row = fmt::format("| {} | {} | {} | {} | {:.1f} |\n", fault, runs, lost, duplicates, seconds_to_recover);
  std::cout << row;
  std::ofstream(PBXBRIDGE_BINARY_DIRECTORY "/robustness.md", std::ios::app) << row << std::flush;
}

}  // namespace pbxbridge::test
