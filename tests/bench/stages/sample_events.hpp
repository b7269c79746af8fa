#pragma once

#include "pbxbridge/event.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace pbxbridge::bench {

/// Events that one commit takes, at most.
inline constexpr std::size_t sample_size = 512;

/// Payloads as the simulated PBX makes them, 400 bytes on average; the same each time.
const std::vector<std::string>& sample_payloads();

/// Those, classified and numbered from `first` on, but shared with nobody yet.
std::vector<NewEventPtr> sample_events(Sequence first = {1});

}  // namespace pbxbridge::bench
