#pragma once

#include <cstddef>
#include <string_view>

namespace pbxbridge::event {

/// Bytes of the UTF-8 character that begins at `position` (RFC 3629: no overlong form, no surrogate), or 0 where none
/// does. `position` is inside `text`.
std::size_t utf8_length(std::string_view text, std::size_t position);

/// Whether the character of `length` bytes at `position` is a control character: U+0000 to U+001F, U+007F to U+009F.
bool is_control(std::string_view text, std::size_t position, std::size_t length);

/// As much of `text` (UTF-8) as fits into `maximum` bytes without cutting a character.
std::string_view utf8_prefix(std::string_view text, std::size_t maximum);

}  // namespace pbxbridge::event
