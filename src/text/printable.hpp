#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace pbxbridge::text {

/// Returns whether a terminal shows the character of `length` bytes at `position` and nothing else happens: none that
/// controls, breaks a line, reorders what stands around it (bidirectional overrides and isolates) or is not seen
/// (zero-width characters, tags), and no noncharacter. `length` is that of `utf8_length`, so 0 where there is none.
bool is_printable(std::string_view text, std::size_t position, std::size_t length);

/// `text` on one line: a blank for each character that is not printable, `?` for each byte that is no UTF-8. What is
/// over `limit` bytes is left out, shown by "...".
std::string on_one_line(std::string_view text, std::size_t limit);

/// `text` for a terminal: what is not printable stands as it would in JSON (`\u001b`), a byte that is no UTF-8 as
/// `\xff`. Tabs and line feeds stay. A JSON text means the same afterwards.
std::string for_terminal(std::string_view text);

}  // namespace pbxbridge::text
