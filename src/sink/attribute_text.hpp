#pragma once

// Texts that are valid as values of CloudEvents attributes, whatever a payload held.

#include "pbxbridge/event.hpp"

#include <string>
#include <string_view>

namespace pbxbridge::sink {

/// `text` with each control character, Unicode noncharacter and byte that is no UTF-8 replaced by U+FFFD, as the type
/// "String" of CloudEvents 1.0 does not allow them.
std::string attribute_text(std::string_view text);

/// `text` percent-encoded as one segment of a URI path (RFC 3986 section 3.3).
std::string uri_segment(std::string_view text);

/// Whether RFC 3339 can say it: years 0000 to 9999.
bool is_rfc3339_time(std::chrono::sys_seconds time);

/// `2025-11-24T16:01:08Z`
std::string rfc3339(std::chrono::sys_seconds time);
/// `2025-11-24T16:01:08.123456789Z`
std::string rfc3339(SystemTime time);

}  // namespace pbxbridge::sink
