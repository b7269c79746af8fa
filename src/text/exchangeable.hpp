#pragma once

// The one rule for text that goes to a broker. MQTT lets a receiver close the connection for a control character, a
// noncharacter or what is no UTF-8 in any string of a packet (MQTT 5.0 section 1.5.4, MQTT 3.1.1 section 1.5.3), and
// CloudEvents keeps the same characters out of its attributes (CloudEvents 1.0.2, "Type System"). A payload is no text
// and passes as it came.

#include <cstddef>
#include <string>
#include <string_view>

namespace pbxbridge::text {

/// Returns whether each receiver takes the character of `length` bytes at `position`; `length` is that of
/// `utf8_length`, so 0 where there is none.
bool is_exchangeable(std::string_view text, std::size_t position, std::size_t length);

/// `text` with `_` for each character that a receiver may reject and for each byte that is no UTF-8. Returns `text`
/// itself where nothing has to change, else a view of `buffer`.
std::string_view exchangeable(std::string_view text, std::string& buffer);

/// Describes what a receiver may reject in `text`, as a clause that does not quote it; empty where there is nothing.
std::string problem_of_exchange(std::string_view text);

}  // namespace pbxbridge::text
