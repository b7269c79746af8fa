#pragma once

#include "pbxbridge/event_ptr.hpp"
#include "pbxbridge/system_time.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string_view>

namespace pbxbridge::derive {

/// Makes an event of the family `bridge` about a PBX, which is empty where it may be any. `document` holds the fields
/// of its payload; the event's type and the PBX are put before them.
NewEventPtr bridge_event(std::string_view event_type, std::string_view pbx, std::uint32_t connection_epoch,
                         SystemTime at, const nlohmann::ordered_json& document);

}  // namespace pbxbridge::derive
