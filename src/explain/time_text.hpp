#pragma once

#include "pbxbridge/event.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::explain {

/// A time as RFC 3339 writes it: `2025-11-24T16:01:08.5Z`, `2025-11-24T17:01:08+01:00`. Nothing where the text is none,
/// or beyond what SystemTime holds, which are the years 1678 to 2261.
std::optional<SystemTime> time_from_text(std::string_view text);

/// The time of the event as RFC 3339 writes it. Nothing where the event has none, or one that RFC 3339 cannot express.
std::optional<std::string> event_time_text(const Event& event);

}  // namespace pbxbridge::explain
