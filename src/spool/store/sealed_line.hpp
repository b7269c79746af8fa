#pragma once

#include "spool/log/crc32c.hpp"

#include <fmt/format.h>

#include <string>

namespace pbxbridge::spool {

/// `text` and its checksum, as a line of the spool's small files, without the line break.
inline std::string sealed(const std::string& text) { return fmt::format("{} crc {:08x}", text, crc32c(text)); }

}  // namespace pbxbridge::spool
