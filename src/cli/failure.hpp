#pragma once

#include <iosfwd>
#include <string_view>

namespace pbxbridge::cli {

/// Words of a command that asks a running bridge and has no socket for it.
inline constexpr std::string_view no_control_socket =
    "pbxbridge has no control socket to ask on: the spool is in memory (spool.type); set admin.control_socket, and "
    "restart it";

/// Writes why a command failed to `errors`, as one line without secrets; returns `exit_code`.
int failure(std::string_view text, int exit_code, std::ostream& errors);

}  // namespace pbxbridge::cli
