#pragma once

#include "pbxbridge/event.hpp"

#include <string>
#include <string_view>

namespace pbxbridge::event {

/// Hashes the PBX's name, a NUL and the payload: XXH3 in the canonical (big-endian) form. `buffer` is for its use, and
/// is kept for its capacity.
ContentHash content_hash(std::string_view pbx, std::string_view payload, std::string& buffer);

}  // namespace pbxbridge::event
