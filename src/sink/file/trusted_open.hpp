#pragma once

#include "pbxbridge/error.hpp"

#include <filesystem>

namespace pbxbridge::sink {

/// Opens a regular file to append to and to read, or creates it (mode 0640), and returns its descriptor. A symbolic
/// link, at the end of the path or on the way, is followed only in directories in which nobody else could have put it:
/// of this user or of root, and not writable by everybody. Otherwise any user could have pbxbridge write into a file of
/// their choice. Errors name the file.
Result<int> open_trusted(const std::filesystem::path& path);

}  // namespace pbxbridge::sink
