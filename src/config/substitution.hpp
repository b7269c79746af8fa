#pragma once

#include "pbxbridge/config/location.hpp"
#include "pbxbridge/error.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::config {

struct Substituted {
  std::string text;
  bool changed = false;                 ///< something came from outside the file
  bool failed = false;                  ///< something is missing, which is reported
  bool takes_default = false;           ///< something is missing, and what stands in the file for that was put in
  std::vector<std::string> files = {};  ///< put in
};

/// The values that files hold, each read once: a document may name one in every value.
class ValueFiles {
 public:
  Result<std::string> read(const std::string& path);

 private:
  std::map<std::string, Result<std::string>> values_;
};

inline constexpr std::size_t max_value_files = 1000;

/// Replaces `${VAR}`, `${VAR:-default}` (also where VAR is empty), `${file:/path}` and `$$` (one `$`) in a scalar's
/// text. A `$` before anything else stands for itself. What comes in is not looked at again. What is missing is an
/// error. The first problem ends it: a text of many would be a problem each.
Substituted substitute(std::string_view text, Location location, ValueFiles& files, Report& report);

/// Says that the document exceeds `max_document_text`.
std::string too_much_text();

}  // namespace pbxbridge::config
