#pragma once

#include <cstdint>

namespace pbxbridge::spool {

/// As RocksDB stores it in its tables and logs, so that a checksum of data that holds checksums is none of them.
constexpr std::uint32_t masked_crc(std::uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xa282ead8U; }
constexpr std::uint32_t unmasked_crc(std::uint32_t masked) {
  const std::uint32_t rotated = masked - 0xa282ead8U;
  return (rotated >> 17) | (rotated << 15);
}

}  // namespace pbxbridge::spool
