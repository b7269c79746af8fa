#pragma once

#include "observe/instruments.hpp"
#include "spool/gaps/loss_reasons.hpp"

#include <array>

namespace pbxbridge::deliver {

/// Bounds of the buckets of `acknowledgement_seconds`: from half a millisecond, which a broker nearby needs, to the
/// hours of an outage.
inline constexpr std::array acknowledgement_seconds_bounds = {
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0};

/// Metrics of one sink.
struct SinkMetrics {
  observe::Counter events_delivered;
  observe::Counter events_retried;
  observe::Counter events_rejected;
  std::array<observe::Counter, enum_count<spool::DropReason>> events_dropped;
  observe::Gauge dead_letters;
  observe::Counter route_fallbacks;
  observe::Counter route_missing_keys;
  observe::Counter connections;
  observe::Counter connection_failures;
  observe::Gauge connected;
  observe::Gauge in_flight;
  observe::Gauge lag_events;                   ///< committed and not yet acknowledged
  observe::Gauge lag_seconds;                  ///< age of the oldest of these
  observe::Histogram acknowledgement_seconds;  ///< from received to acknowledged by the sink
  observe::Histogram pbx_time_to_acknowledgement_seconds;
};

}  // namespace pbxbridge::deliver
