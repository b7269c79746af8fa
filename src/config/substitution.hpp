#pragma once

#include "pbxbridge/config/location.hpp"

#include <string>
#include <string_view>

namespace pbxbridge::config {

struct Substituted {
  std::string text;
  bool changed = false;  ///< something came from outside the file
  bool failed = false;   ///< something is missing, which is reported
};

/// Replaces `${VAR}`, `${VAR:-default}` (also where VAR is empty), `${file:/path}` and `$$` (one `$`) in a scalar's
/// text. A `$` before anything else stands for itself. What comes in is not looked at again. What is missing is an
/// error.
Substituted substitute(std::string_view text, Location location, Report& report);

}  // namespace pbxbridge::config
