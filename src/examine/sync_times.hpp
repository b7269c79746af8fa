#pragma once

#include "pbxbridge/error.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <vector>

namespace pbxbridge::examine {

/// Writes to a nameless file in `directory` and has each write put on stable storage: how long each took, in order of
/// time. No more than `tries`, and no more than fit into `limit`. Nothing of it is left, however the process ends.
Result<std::vector<std::chrono::nanoseconds>> measure_syncs(const std::filesystem::path& directory, std::size_t tries,
                                                            std::chrono::milliseconds limit);

}  // namespace pbxbridge::examine
