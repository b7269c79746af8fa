#pragma once

#include <string>
#include <string_view>

namespace pbxbridge::text {

/// Appends `text` as a JSON string, with its quotation marks; `text` must be UTF-8.
void append_json_string(std::string& out, std::string_view text);

}  // namespace pbxbridge::text
