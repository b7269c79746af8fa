#pragma once

// Numbers and texts of a packet (MQTT 5.0, 1.5).

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace pbxbridge::mqtt {

inline void append_byte(std::string& out, unsigned value) { out.push_back(static_cast<char>(value)); }

inline void append_two_byte_integer(std::string& out, std::uint16_t value) {
  const char bytes[] = {static_cast<char>(value >> 8), static_cast<char>(value)};
  out.append(bytes, sizeof bytes);
}

inline void append_four_byte_integer(std::string& out, std::uint32_t value) {
  append_two_byte_integer(out, static_cast<std::uint16_t>(value >> 16));
  append_two_byte_integer(out, static_cast<std::uint16_t>(value));
}

/// `value` is at most `largest_remaining_length`.
inline void append_variable_byte_integer(std::string& out, std::size_t value) {
  for (; value >= 0x80; value >>= 7) append_byte(out, static_cast<unsigned>(value & 0x7F) | 0x80U);
  append_byte(out, static_cast<unsigned>(value));
}

constexpr std::size_t variable_byte_integer_size(std::size_t value) {
  std::size_t size = 1;
  for (; value >= 0x80; value >>= 7) ++size;
  return size;
}

/// A UTF-8 Encoded String, or Binary Data, which looks the same. `text` is at most `largest_string` long.
inline void append_string(std::string& out, std::string_view text) {
  append_two_byte_integer(out, static_cast<std::uint16_t>(text.size()));
  out.append(text);
}

constexpr std::size_t string_size(std::string_view text) { return 2 + text.size(); }

/// Takes a packet's fields off its bytes. What is not there any more reads as zero or empty, and `failed` tells.
class FieldReader {
 public:
  explicit FieldReader(std::string_view bytes) : left_(bytes) {}

  std::uint8_t byte() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t two_byte_integer() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t four_byte_integer() { return number(4); }
  std::uint32_t variable_byte_integer() {
    std::uint32_t value = 0;
    for (int shift = 0; shift < 28; shift += 7) {
      const unsigned next = byte();
      value |= (next & 0x7FU) << shift;
      if ((next & 0x80U) == 0) return value;
    }
    failed_ = true;
    return 0;
  }
  std::string_view string() { return bytes(two_byte_integer()); }
  std::string_view bytes(std::size_t size) {
    if (left_.size() < size) {
      failed_ = true;
      left_ = {};
      return {};
    }
    const auto taken = left_.substr(0, size);
    left_.remove_prefix(size);
    return taken;
  }

  bool at_end() const { return left_.empty(); }
  bool failed() const { return failed_; }

 private:
  std::uint32_t number(std::size_t size) {
    std::uint32_t value = 0;
    for (const char each : bytes(size)) value = value << 8 | static_cast<std::uint8_t>(each);
    return value;
  }

  std::string_view left_;
  bool failed_ = false;
};

}  // namespace pbxbridge::mqtt
