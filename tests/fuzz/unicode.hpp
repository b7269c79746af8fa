#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pbxbridge::fuzz {

/// The code point that `text` begins with, and its size, by table 3-7 of the Unicode Standard; a size of 0 where the
/// bytes are no UTF-8. Written for the fuzz targets alone, so that they do not ask the code that they judge.
struct CodePoint {
  std::uint32_t value = 0;
  std::size_t size = 0;
};

inline CodePoint first_code_point(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < size) return {};
  std::uint32_t value = first & (0xffU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return {};
    value = value << 6 | (byte(i) & 0x3fU);
  }
  constexpr std::uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = value >= 0xd800 && value <= 0xdfff;
  if (value < smallest[size] || value > 0x10ffff || is_surrogate) return {};
  return {value, size};
}

template <class Allowed>
bool all_code_points(std::string_view text, Allowed allowed) {
  while (!text.empty()) {
    const CodePoint next = first_code_point(text);
    if (next.size == 0 || !allowed(next.value)) return false;
    text.remove_prefix(next.size);
  }
  return true;
}

inline bool is_utf8(std::string_view text) {
  return all_code_points(text, [](std::uint32_t) { return true; });
}

/// C0, DEL and C1.
inline bool is_control(std::uint32_t value) { return value < 0x20 || (value >= 0x7f && value <= 0x9f); }

/// The Unicode Standard, section 23.7.
inline bool is_noncharacter(std::uint32_t value) {
  return (value >= 0xfdd0 && value <= 0xfdef) || (value & 0xfffeU) == 0xfffe;
}

}  // namespace pbxbridge::fuzz
