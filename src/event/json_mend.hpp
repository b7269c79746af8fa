#pragma once

#include <string>
#include <string_view>

namespace pbxbridge::event {

/// A copy of a payload in which simdjson can read the fields that it refuses the whole of otherwise.
struct MendedJson {
  std::string text;
  /// Numbers that 64 bits do not hold have become strings (`number_text`).
  bool huge_numbers = false;
  /// What no JSON text may hold was replaced: a byte order mark, a control character in a string, bytes that are no
  /// UTF-8.
  bool was_not_json = false;
};

/// For reading only: what is forwarded is always the payload itself. Lone surrogates (`\ud800`), which the grammar of
/// JSON allows, become U+FFFD. What cannot be mended stays as it is.
MendedJson mend_json(std::string_view payload);

}  // namespace pbxbridge::event
