#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pbxbridge::sim {

/// Opcodes of RFC 6455, 5.2.
enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9 };

/// Appends a whole, unmasked WebSocket frame (RFC 6455, 5.2), as a server sends them.
inline void append_frame(std::string& bytes, std::string_view payload, Opcode opcode, bool is_final = true) {
  constexpr unsigned char final_bit = 0x80;
  constexpr std::size_t longest_in_7_bits = 125;
  constexpr std::size_t longest_in_16_bits = 0xffff;
  const auto append_big_endian = [&](int byte_count) {
    for (int i = byte_count - 1; i >= 0; --i)
      bytes += static_cast<char>(static_cast<std::uint64_t>(payload.size()) >> (8 * i));
  };
  bytes += static_cast<char>((is_final ? final_bit : 0) | static_cast<unsigned char>(opcode));
  if (payload.size() <= longest_in_7_bits) {
    bytes += static_cast<char>(payload.size());
  } else if (payload.size() <= longest_in_16_bits) {
    bytes += static_cast<char>(126);
    append_big_endian(2);
  } else {
    bytes += static_cast<char>(127);
    append_big_endian(8);
  }
  bytes += payload;
}

}  // namespace pbxbridge::sim
