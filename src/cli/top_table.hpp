#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace pbxbridge::cli {

/// Lines that `pbxbridge top` shows of /status: the sentence, and a line for each PBX, sink and route. No line is
/// longer than `width`. Throws nlohmann::json::exception where it is no status.
std::vector<std::string> top_table(const nlohmann::json& status, std::size_t width);

}  // namespace pbxbridge::cli
