#pragma once

#include <functional>
#include <string_view>

namespace pbxbridge::spool::salvage {

/// Calls `each(record)` for the records of events (record.hpp: size, CRC, body) that stand anywhere in `bytes`, in a
/// packed batch as well. Their own checksums hold, if need be with one bit flipped back. Pure; never reads beyond
/// `bytes`. The views are valid within the call.
void find_event_records(std::string_view bytes, const std::function<void(std::string_view record)>& each);

}  // namespace pbxbridge::spool::salvage
