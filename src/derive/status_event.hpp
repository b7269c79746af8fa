#pragma once

#include "pbxbridge/event_ptr.hpp"
#include "pbxbridge/system_time.hpp"

#include <cstdint>
#include <string>

namespace pbxbridge::derive {

/// pbxbridge itself, for those who see its events and not its admin endpoint. Pure.
struct BridgeStatus {
  std::string lagging_sink;      ///< the one that is furthest behind; empty: none is
  std::uint64_t lag_events = 0;  ///< that it has yet to acknowledge
  std::uint64_t sinks = 0;
  std::uint64_t sinks_connected = 0;
  std::uint64_t spool_events = 0;
  std::uint64_t spool_bytes = 0;

  /// Differs so much that somebody would want to know it. An event about it waits in the spool itself, so what one such
  /// event changes is never news: else each would bring about the next.
  bool is_news_after(const BridgeStatus& reported) const;
};

/// `bridge_status`: docs/schemas/events/bridge_status.schema.json.
NewEventPtr status_event(const BridgeStatus& status, SystemTime at);

}  // namespace pbxbridge::derive
