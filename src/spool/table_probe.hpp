#pragma once

#include <filesystem>
#include <vector>

namespace pbxbridge::spool {

/// Tables that end the process which opens them: of a few bytes RocksDB asserts what they must be before it compares
/// their checksum, and one flipped bit there is enough. Each is opened in a child process.
std::vector<std::filesystem::path> deadly_tables(const std::filesystem::path& store_directory);

/// Of a process's end, as `waitpid` tells it: whether what it did itself has ended it. One that was killed from
/// outside, by the kernel for lack of memory for instance, says nothing of the table.
bool has_crashed(int wait_status);

}  // namespace pbxbridge::spool
