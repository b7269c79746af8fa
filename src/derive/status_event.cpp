#include "derive/status_event.hpp"

#include "derive/bridge_event.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace pbxbridge::derive {

namespace {

constexpr std::uint64_t least_events = 100;
constexpr std::uint64_t least_bytes = 1024 * 1024;

/// A tenth more or less, and no less than `least`.
bool is_far_from(std::uint64_t now, std::uint64_t reported, std::uint64_t least) {
  return std::max(now, reported) - std::min(now, reported) >= std::max(least, reported / 10);
}

}  // namespace

bool BridgeStatus::is_news_after(const BridgeStatus& reported) const {
  const bool has_caught_up = lag_events == 0 && reported.lag_events > 0;
  return has_caught_up || sinks != reported.sinks || sinks_connected != reported.sinks_connected ||
         is_far_from(lag_events, reported.lag_events, least_events) ||
         is_far_from(spool_events, reported.spool_events, least_events) ||
         is_far_from(spool_bytes, reported.spool_bytes, least_bytes);
}

NewEventPtr status_event(const BridgeStatus& status, SystemTime at) {
  nlohmann::ordered_json document = {{"lag_events", status.lag_events},
                                     {"sinks", status.sinks},
                                     {"sinks_connected", status.sinks_connected},
                                     {"spool_events", status.spool_events},
                                     {"spool_bytes", status.spool_bytes}};
  if (!status.lagging_sink.empty()) document["lagging_sink"] = status.lagging_sink;
  return bridge_event("bridge_status", {}, 0, at, document);
}

}  // namespace pbxbridge::derive
