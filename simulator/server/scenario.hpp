#pragma once

#include "pbxbridge/error.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::sim {

/// A command and when to run it, counted from the start.
struct Cue {
  std::chrono::milliseconds after{};
  std::string line;
  std::optional<std::chrono::milliseconds> every = std::nullopt;  ///< again and again, so long after the time before
  bool operator==(const Cue&) const = default;
};

/// Reads a scenario, a list in YAML whose commands are all checked:
///
///     - { at: 10s, do: drop rst }
///     - { at: 20s, do: silent on, for: 5s }       a fault that holds is ended after that time
///     - { at: 60s, do: close 1001, every: 30s }
///
/// An error says `NAME:LINE:COLUMN: ...`.
Result<std::vector<Cue>> parse_scenario(std::string_view text, std::string_view name);

/// The short form: `AFTER_SECONDS COMMAND` lines; empty ones and those that begin with `#` are skipped.
Result<std::vector<Cue>> parse_cues(std::string_view text);

/// Both files, of which each may be empty: no name. Throws std::runtime_error for what is wrong with them.
std::vector<Cue> load_cues(const std::filesystem::path& scenario, const std::filesystem::path& cues);

}  // namespace pbxbridge::sim
