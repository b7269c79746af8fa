#pragma once

#include "pbxbridge/event_ptr.hpp"
#include "pbxbridge/system_time.hpp"
#include "spool/gaps/gap.hpp"

#include <cstdint>
#include <set>
#include <string>

namespace pbxbridge::derive {

/// `bridge_gap`: docs/schemas/events/bridge_gap.schema.json. `topics`: what is subscribed to at the gap's PBX; empty
/// where that is not known.
NewEventPtr gap_event(const spool::Gap& gap, const std::set<std::string>& topics, std::uint32_t connection_epoch,
                      SystemTime at);

}  // namespace pbxbridge::derive
