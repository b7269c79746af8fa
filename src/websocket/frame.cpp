#include "websocket/frame.hpp"

#include <cstring>

namespace pbxbridge::websocket {

namespace {

constexpr unsigned final_bit = 0x80;
constexpr unsigned reserved_bits = 0x70;
constexpr unsigned opcode_bits = 0x0f;
constexpr unsigned mask_bit = 0x80;
constexpr unsigned size_bits = 0x7f;
constexpr unsigned size_in_16_bits = 126;
constexpr unsigned size_in_64_bits = 127;

bool is_known(unsigned opcode) { return opcode <= 2 || (opcode >= 8 && opcode <= 10); }

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const unsigned char byte : bytes) number = (number << 8) | byte;
  return number;
}

void append_big_endian(std::string& out, std::uint64_t number, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(number >> (8 * i));
}

/// Empty where all is well.
std::string_view wrong_in(unsigned first, unsigned second) {
  if ((first & reserved_bits) != 0) return "it used an extension that was not agreed upon";
  if (!is_known(first & opcode_bits)) return "it sent a frame of an unknown kind";
  if ((second & mask_bit) != 0) return "it sent a masked frame, as only clients do";
  const bool control = is_control(static_cast<Opcode>(first & opcode_bits));
  if (control && (first & final_bit) == 0) return "it sent a control frame in fragments";
  if (control && (second & size_bits) > max_control_bytes) return "it sent a control frame of more than 125 bytes";
  return {};
}

}  // namespace

std::optional<FrameHeader> read_frame_header(std::string_view bytes, std::string_view& wrong) {
  if (bytes.size() < 2) return std::nullopt;
  const auto first = static_cast<unsigned char>(bytes[0]);
  const auto second = static_cast<unsigned char>(bytes[1]);
  wrong = wrong_in(first, second);
  if (!wrong.empty()) return std::nullopt;
  FrameHeader header{(first & final_bit) != 0, static_cast<Opcode>(first & opcode_bits), second & size_bits, 2};
  if (header.payload_bytes < size_in_16_bits) return header;
  const std::size_t size_bytes = header.payload_bytes == size_in_64_bits ? 8 : 2;
  if (bytes.size() < 2 + size_bytes) return std::nullopt;
  header.payload_bytes = big_endian(bytes.substr(2, size_bytes));
  header.header_bytes += size_bytes;
  const bool shortest = size_bytes == 2 ? header.payload_bytes >= size_in_16_bits : header.payload_bytes > 0xffff;
  if (!shortest || header.payload_bytes >> 63 != 0) {
    wrong = "it sent a frame whose length is not written as it must be";
    return std::nullopt;
  }
  return header;
}

void append_masked_frame(std::string& out, Opcode opcode, std::string_view payload, std::uint32_t mask) {
  out += static_cast<char>(final_bit | static_cast<unsigned>(opcode));
  if (payload.size() < size_in_16_bits) {
    out += static_cast<char>(mask_bit | payload.size());
  } else if (payload.size() <= 0xffff) {
    out += static_cast<char>(mask_bit | size_in_16_bits);
    append_big_endian(out, payload.size(), 2);
  } else {
    out += static_cast<char>(mask_bit | size_in_64_bits);
    append_big_endian(out, payload.size(), 8);
  }
  char key[4];
  std::memcpy(key, &mask, sizeof key);
  out.append(key, sizeof key);
  const std::size_t start = out.size();
  out += payload;
  for (std::size_t i = 0; i < payload.size(); ++i) out[start + i] = static_cast<char>(out[start + i] ^ key[i % 4]);
}

}  // namespace pbxbridge::websocket
