#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

namespace pbxbridge::spool {

/// Returns where a record of an unpacked batch begins, by its number from 0.
inline std::size_t record_at(const std::string& value, int record) {
  std::size_t offset = 5;
  for (int i = 0; i < record; ++i) {
    std::uint32_t size = 0;
    std::memcpy(&size, value.data() + offset, sizeof size);
    offset += 8 + size;
  }
  return offset;
}

/// Breaks its checksum.
inline void break_record(std::string& value, int record) { value[record_at(value, record) + 40] ^= 1; }

}  // namespace pbxbridge::spool
