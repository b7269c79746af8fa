#pragma once

#include "pbxbridge/error.hpp"

#include <cstddef>
#include <filesystem>
#include <string>

namespace pbxbridge::config {

/// The bytes of a file of at most `limit` bytes. Anything that can be read to its end will do (a pipe, a mounted
/// secret).
Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit);

/// As `read_file`, for one value in a file of its own: at most 64 KiB, and one line break at the end is left out.
Result<std::string> read_value_file(const std::filesystem::path& path);

}  // namespace pbxbridge::config
