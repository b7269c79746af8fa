#pragma once

#include "config/config.hpp"
#include "config/schema/file_text.hpp"
#include "pbxbridge/sink_type.hpp"

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::config {

class Excerpt;
class SinkSources;

struct Loaded {
  Config config;  ///< to be used only if the report has no errors
  Report report;
  std::vector<SinkType> sink_types;  ///< all that the configuration may name
  std::string text;                  ///< the file
};

/// Reads the file: `read_file`, or `read_file_in_time` for whoever must not wait (config/schema/file_text.hpp).
using ReadFile = Result<std::string> (*)(const std::filesystem::path& path, std::size_t limit);

/// Reads and checks a configuration. Never throws for what stands in the file. Routes are checked by the router.
Loaded load_config(const std::filesystem::path& path, SinkSources& sources, ReadFile read = read_file);
Loaded load_config_text(std::string_view text, SinkSources& sources);
/// Knows these types, and no plug-ins.
Loaded load_config(const std::filesystem::path& path, std::span<const SinkType> sink_types);
Loaded load_config_text(std::string_view text, std::span<const SinkType> sink_types);

/// `FILE:LINE:COLUMN`, or `FILE` where the place in it is unknown.
std::string place_text(std::string_view file_name, Location location);

/// A line as compilers write it: `FILE:LINE:COLUMN: error: TEXT` (or `warning`), without a line break.
std::string format_problem(const Problem& problem, std::string_view file_name);

inline constexpr std::size_t most_problems_shown = 100;

/// One line a problem in the order of the file, at most `most_problems_shown` and how many more there are. Below each
/// its line, where there is an `excerpt`.
std::string format_problems(Report report, std::string_view file_name, const Excerpt* excerpt = nullptr);

/// One JSON object a line for each problem: severity, file, line, column, text.
std::string problems_in_json(Report report, std::string_view file_name);

}  // namespace pbxbridge::config
