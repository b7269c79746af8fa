#pragma once

// Rights of other users of this machine to a file, by its mode and those of the directories on the way to it. Each is
// a clause that begins with the path and says what to do, or an empty text, also where nothing can be found out.

#include <filesystem>
#include <string>

namespace pbxbridge::config {

/// Judges a file that holds secrets.
std::string exposed_to_readers(const std::filesystem::path& file);

/// Judges a directory that pbxbridge keeps its own files in, and its owner and group, too. It need not exist.
std::string exposed_to_writers(const std::filesystem::path& directory);

/// Judges a file that is run. Its path has no links. Others are all but root and the user of this process: nobody else
/// may own or write the file or a directory above it.
std::string changeable_by_others(const std::filesystem::path& real);

}  // namespace pbxbridge::config
