#pragma once

#include <filesystem>
#include <vector>

namespace pbxbridge::spool {

/// Notes a log that was just made, in a file next to it. RocksDB takes a store that has lost its newest log for one
/// that had nothing newer in it. Without the note a lost log goes unnoticed, and nothing else.
void note_newest_log(const std::filesystem::path& log);

/// Returns whether the log that is noted in the store's directory is missing among its `files`, and so is any newer
/// one.
bool has_lost_newest_log(const std::filesystem::path& directory, const std::vector<std::filesystem::path>& files);

}  // namespace pbxbridge::spool
