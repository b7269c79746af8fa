#pragma once

// Writes JSON by appending to a text: the way to each sink, where a document tree would cost ten times as much.

#include "text/json_string.hpp"

#include <string>
#include <string_view>

namespace pbxbridge::sink {

bool is_utf8(std::string_view text);

using text::append_json_string;

/// `json` must be valid JSON, where a line break can stand between tokens only: without them it is the same value.
void append_json_on_one_line(std::string& out, std::string_view json);

/// RFC 4648 section 4, with padding.
void append_base64(std::string& out, std::string_view bytes);

}  // namespace pbxbridge::sink
