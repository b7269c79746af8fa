#pragma once

#include <cstdint>
#include <string_view>

namespace pbxbridge::spool {

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4), by the processor's own instruction where it has one. `before`:
/// that of the bytes before these.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);

}  // namespace pbxbridge::spool
