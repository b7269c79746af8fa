#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace pbxbridge::examine {

/// The type of the file system that holds `path`, such as `ext4`; empty where it cannot be told. `mounts` is the text
/// of /proc/self/mountinfo (proc(5)). `path` is absolute and has no links.
std::string file_system_type(std::string_view mounts, const std::filesystem::path& path);

/// Names the risk of a spool on a file system of that type, as a clause; empty where there is none.
std::string_view file_system_risk(std::string_view type);

}  // namespace pbxbridge::examine
