#pragma once

#include "pbxbridge/error.hpp"

#include <cstddef>
#include <filesystem>
#include <string>

namespace pbxbridge::config {

/// The bytes of a file of at most `limit` bytes. Anything that can be read to its end will do, such as a pipe; waits
/// for that end.
Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit);

/// The same of a regular file alone. Waits for at most half a second, for a file system may never answer: after that
/// the read is left to a thread of its own, and further reads of the same path fail at once until it has ended.
Result<std::string> read_file_in_time(const std::filesystem::path& path, std::size_t limit);

/// One value in a file of its own, as `read_file_in_time`: at most 64 KiB, not empty, without a byte order mark or a
/// NUL; one line break at the end is left out.
Result<std::string> read_value_file(const std::filesystem::path& path);

/// Returns why a file cannot be read here by this user, empty where it can; waits as `read_file_in_time` does.
std::string why_unreadable(const std::filesystem::path& path);
/// Says what a file is that is not a regular one, or nothing; the same wait.
std::string why_not_regular(const std::filesystem::path& path);

}  // namespace pbxbridge::config
