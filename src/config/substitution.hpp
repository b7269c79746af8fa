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
/// The first problem ends it: a text of many would be a problem each.
Substituted substitute(std::string_view text, Location location, Report& report);

/// Says that the document exceeds `max_document_text`.
std::string too_much_text();

}  // namespace pbxbridge::config
