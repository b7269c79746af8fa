#pragma once

#include "pbxbridge/event.hpp"

#include <optional>
#include <string_view>

namespace pbxbridge::explain {

/// A time as RFC 3339 writes it: `2025-11-24T16:01:08.5Z`, `2025-11-24T17:01:08+01:00`. Nothing where the text is none.
std::optional<SystemTime> time_from_text(std::string_view text);

}  // namespace pbxbridge::explain
