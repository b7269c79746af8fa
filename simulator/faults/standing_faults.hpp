#pragma once

#include "simulator/faults/rest_fault.hpp"
#include "simulator/faults/upgrade_answer.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace pbxbridge::sim {

/// Faults that hold for every connection now, those to come among them.
struct StandingFaults {
  bool silent = false;
  bool stop_reading = false;
  bool forget_answers = false;
  std::chrono::milliseconds answer_delay{};
  std::uint32_t bytes_a_second = 0;  ///< 0: no limit
  std::optional<UpgradeAnswer> upgrade;
  RestFault rest = RestFault::none;
};

}  // namespace pbxbridge::sim
