#pragma once

#include "pbxbridge/config/values.hpp"

#include <cstdint>

namespace pbxbridge::config {

/// Settings for following the state of extensions, queues, agents and calls; without effect unless a route takes it.
struct StateConfig {
  Duration orphan_after{600'000};
  bool numbers = true;
  std::uint32_t max_extensions = 50'000;
  std::uint32_t max_queues = 5'000;
  std::uint32_t max_agents = 50'000;
  std::uint32_t max_calls = 20'000;
  ByteSize max_size{64 * 1024 * 1024};
  static const Schema<StateConfig>& schema();
};

}  // namespace pbxbridge::config
