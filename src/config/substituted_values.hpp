#pragma once

#include "pbxbridge/config/document.hpp"

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pbxbridge::config {

/// Sources of the text of a value other than the environment.
struct SubstitutedValue {
  bool takes_default = false;  ///< from the document itself: a variable is missing
  std::vector<std::string> files = {};
};

/// Values by line and column.
using SubstitutedValues = std::map<std::pair<int, int>, SubstitutedValue>;

inline std::pair<int, int> place_of(Location location) { return {location.line, location.column}; }

/// Parses as the other does (pbxbridge/config/document.hpp), and notes what was substituted.
std::optional<Node> parse_document(std::string_view text, Report& report, SubstitutedValues& substituted);

}  // namespace pbxbridge::config
