#pragma once

// Checks of texts for `FieldText::validate`: what is wrong as a clause, or an empty text.

#include <string>
#include <string_view>

namespace pbxbridge::config {

/// A name that an operator gives and that stands in metrics, topics and paths: 1 to 64 of letters, digits, `_`, `-`,
/// `.`.
std::string check_name(std::string_view text);

std::string check_not_empty(std::string_view text);

/// `IPv4:PORT` or `[IPv6]:PORT`, to listen on; empty is allowed.
std::string check_listen_address(std::string_view text);

/// A key as a message names it: up to the first character that no key of ours has, with "..." for the rest. For where a
/// blank was forgotten (`password:hunter2`) the rest is a value.
std::string key_text(std::string_view key);

}  // namespace pbxbridge::config
