#pragma once

#include <filesystem>
#include <vector>

namespace pbxbridge::spool {

/// Tables that end the process which opens them: of a few bytes RocksDB asserts what they must be before it compares
/// their checksum, and one flipped bit there is enough. Each is opened in a child process.
std::vector<std::filesystem::path> deadly_tables(const std::filesystem::path& store_directory);

}  // namespace pbxbridge::spool
