#pragma once

#include <iosfwd>
#include <string_view>

namespace pbxbridge::cli {

/// Writes why a command failed to `errors`, as one line without secrets; returns `exit_code`.
int failure(std::string_view text, int exit_code, std::ostream& errors);

}  // namespace pbxbridge::cli
