#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace pbxbridge::explain {

/// Reason why a text is not JSON.
struct JsonError {
  std::size_t position = 0;  ///< of the byte at which it stops to be, from 0
  std::string text;          ///< a clause; may quote a few characters of the text
};

/// Finds it in a text that event::JsonDocument cannot read.
JsonError find_json_error(std::string_view text);

}  // namespace pbxbridge::explain
