#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace pbxbridge::cli {

/// A line of a tap (tap/moment_json.hpp) for people, in what a terminal shows and does not obey, but for the colours.
/// Throws nlohmann::json::exception where it is none.
std::string tap_line(const nlohmann::json& moment, bool in_colour);

/// Part of it for standard error: warnings, and what was left out. Empty: nothing.
std::string tap_notice(const nlohmann::json& moment);

}  // namespace pbxbridge::cli
