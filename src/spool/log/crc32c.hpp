#pragma once

#include <cstdint>
#include <string_view>

namespace pbxbridge::spool {

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4), by the processor's own instruction where it has one. `before`:
/// that of the bytes before these.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);

/// Returns the form that RocksDB stores, so that a checksum of data that holds checksums is none of them.
constexpr std::uint32_t masked_crc(std::uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xa282ead8U; }
constexpr std::uint32_t unmasked_crc(std::uint32_t masked) {
  const std::uint32_t rotated = masked - 0xa282ead8U;
  return (rotated >> 17) | (rotated << 15);
}

}  // namespace pbxbridge::spool
