#pragma once

#include <cstdint>
#include <string_view>

namespace pbxbridge::spool {

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4), by the processor's own instruction where it has one.
std::uint32_t crc32c(std::string_view bytes);

}  // namespace pbxbridge::spool
