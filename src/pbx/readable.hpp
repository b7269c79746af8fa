#pragma once

#include <string>
#include <string_view>

namespace pbxbridge::pbx {

/// A peer's words made fit for a log line and a terminal: one line of valid UTF-8 of at most `limit` bytes, what is
/// left out shown by "..."; control characters and what reorders text become a blank, other invalid bytes "?".
std::string readable(std::string_view text, std::size_t limit = 200);

/// `text` with each occurrence of `secret` replaced, for a peer may repeat what it was sent.
std::string without_secret(std::string text, std::string_view secret);

}  // namespace pbxbridge::pbx
