#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pbxbridge::event {

/// A copy of a payload that simdjson can read, where it rejects the original as a whole.
struct RepairedJson {
  std::string text;
  /// Numbers that 64 bits do not hold have become strings (`number_text`).
  bool huge_numbers = false;
  /// Replaced something that no JSON text may hold: a byte order mark, a control character, bytes that are not UTF-8.
  bool was_not_json = false;
};

/// Charset that bytes which are not UTF-8 are taken for.
enum class Charset : std::uint8_t {
  single_byte,  ///< each for a character, as in ISO 8859, Windows-125x, overlong forms and cut characters
  double_byte,  ///< in pairs, as in GBK, Big5 and Shift JIS, where the second byte may be a backslash
};

/// Returns a text for reading only: what is forwarded is always the payload itself. Lone surrogates (`\ud800`), which
/// the grammar of JSON allows, become U+FFFD; characters that are not UTF-8 become `?`; of UTF-16 with a byte order
/// mark only ASCII stays. What cannot be fixed stays as it is.
RepairedJson repair_json(std::string_view payload, Charset charset = Charset::single_byte);

}  // namespace pbxbridge::event
