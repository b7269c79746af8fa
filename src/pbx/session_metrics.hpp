#pragma once

#include "event/untidiness.hpp"
#include "observe/instruments.hpp"
#include "pbx/subscription_state.hpp"
#include "pbxbridge/event_kinds.hpp"

#include <array>

namespace pbxbridge::pbx {

/// Metrics of one PBX session.
struct SessionMetrics {
  std::array<observe::Counter, enum_count<Family>> events_accepted;  ///< by family
  std::array<observe::Counter, enum_count<event::Untidiness>> events_untidy;
  std::array<observe::Gauge, enum_count<SubscriptionState>> subscriptions;
  observe::Counter events_unrouted;
  observe::Counter events_too_large;  ///< over max_frame_size, and so dropped before they were accepted
  observe::Counter paused_seconds;    ///< time of not reading, for lack of room in the spool
  observe::Counter bytes_received;
  observe::Counter connections;  ///< made, auth included
  observe::Counter reconnects;   ///< made after the first
  observe::Counter connection_failures;
  observe::Counter auth_rejections;
  observe::Counter rest_failures;  ///< lists that were needed from the REST interface and not obtained
  observe::Gauge authenticated;    ///< 1 while connected and authenticated
  observe::Gauge last_event_timestamp_seconds;
};

}  // namespace pbxbridge::pbx
