#pragma once

#include <cstddef>
#include <string_view>

namespace pbxbridge::text {

/// Bytes of the UTF-8 character that begins at `position` (RFC 3629: no overlong form, no surrogate), or 0 where none
/// does. `position` is inside `text`.
std::size_t utf8_length(std::string_view text, std::size_t position);

/// Returns whether the character of `length` bytes at `position` is a control character: U+0000 to U+001F, U+007F to
/// U+009F.
bool is_control(std::string_view text, std::size_t position, std::size_t length);

/// Returns whether the character of `length` bytes at `position` is one of the 66 that Unicode keeps out of
/// interchange: U+FDD0 to U+FDEF, and the last two of each plane (Unicode 15.0, section 23.7).
bool is_noncharacter(std::string_view text, std::size_t position, std::size_t length);

/// Returns as much of `text` (UTF-8) as fits into `maximum` bytes without cutting a character.
std::string_view utf8_prefix(std::string_view text, std::size_t maximum);

}  // namespace pbxbridge::text
