#pragma once

#include <string>

namespace pbxbridge::test {

inline constexpr char32_t last_code_point = 0x10ffff;

inline bool is_surrogate(char32_t code_point) { return code_point >= 0xd800 && code_point <= 0xdfff; }

/// Characters that a receiver of MQTT may reject, written again from the standard: MQTT 5.0 section 1.5.4.
inline bool is_refusable(char32_t code_point) {
  const bool is_control = code_point <= 0x1f || (code_point >= 0x7f && code_point <= 0x9f);
  const bool is_noncharacter = (code_point >= 0xfdd0 && code_point <= 0xfdef) || (code_point & 0xfffe) == 0xfffe;
  return is_control || is_noncharacter || is_surrogate(code_point);
}

/// The bytes by the scheme of UTF-8, of a surrogate too.
inline std::string utf8(char32_t code_point) {
  const auto tail = [&](unsigned shift) { return static_cast<char>(0x80 | ((code_point >> shift) & 0x3f)); };
  if (code_point < 0x80) return {static_cast<char>(code_point)};
  if (code_point < 0x800) return {static_cast<char>(0xc0 | (code_point >> 6)), tail(0)};
  if (code_point < 0x10000) return {static_cast<char>(0xe0 | (code_point >> 12)), tail(6), tail(0)};
  return {static_cast<char>(0xf0 | (code_point >> 18)), tail(12), tail(6), tail(0)};
}

}  // namespace pbxbridge::test
