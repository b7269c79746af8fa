#pragma once

// What may be secret in a URL: who uses it (`user:password@`, `token@`), and the values of its query.

#include <string>
#include <string_view>

namespace pbxbridge::config {

/// A value with `[secret]` for each, where it is a URL.
std::string without_url_secrets(std::string_view value);

/// Makes those known that no log line is to show (text/secrets.hpp), but for words that may well be others, too.
void remember_url_secrets(std::string_view value);

}  // namespace pbxbridge::config
