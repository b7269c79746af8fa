#pragma once

#include "spool/gaps/moment.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::spool {

/// Up to when a PBX was known to stream, and everything that it had pushed was on the disk; kept in the spool, so that
/// a later start knows from when on events are missing.
struct SubscribedUntil {
  Moment up_to;
  bool disconnected = false;  ///< its connection was lost then; else pbxbridge has ended since, in whatever way

  bool operator==(const SubscribedUntil&) const = default;
};

/// Keys are PBXs.
using SubscribedUntilByPbx = std::map<std::string, SubscribedUntil>;

// i64 ns since 1970, u8 0 or 1, i64 ns since the machine was started, u64 which start that was; little-endian. The last
// two are missing in marks of before they were added.
std::string encode_subscribed_until(const SubscribedUntil& mark);
/// Returns nothing where the bytes are damaged.
std::optional<SubscribedUntil> decode_subscribed_until(std::string_view bytes);

}  // namespace pbxbridge::spool
