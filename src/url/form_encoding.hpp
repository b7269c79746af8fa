#pragma once

#include <string>
#include <string_view>

namespace pbxbridge::url {

/// Encodes a name or value as application/x-www-form-urlencoded has it (RFC 6749, appendix B), a space as `%20`.
std::string form_encoded(std::string_view text);

}  // namespace pbxbridge::url
