#pragma once

#include <span>
#include <string_view>

namespace pbxbridge::event {

/// Names of the fields at the top level of an event of this type, as the samples of PortSIP PBX 22.3, "WSI: Pub/Sub",
/// have them, and of pbxbridge's own. Empty where the vendor shows none: version 16, trunks. Good for a warning only,
/// for a PBX may send more.
std::span<const std::string_view> payload_fields(std::string_view event_type);

}  // namespace pbxbridge::event
