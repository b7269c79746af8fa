#pragma once

#include "observe/instruments.hpp"
#include "spool/gaps/loss_reasons.hpp"

#include <array>

namespace pbxbridge::spool {

/// Bounds of the buckets of `commit_seconds`.
inline constexpr std::array commit_seconds_bounds = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                                     0.05,   0.1,     0.25,   0.5,   1.0,    2.5,   5.0};

/// Metrics of the spool.
struct SpoolMetrics {
  observe::Gauge bytes;
  observe::Gauge events;
  observe::Gauge oldest_age_seconds;  ///< age of the oldest event that some sink has yet to acknowledge
  observe::Gauge writable;
  observe::Gauge commit_queue_events;
  observe::Gauge disk_free_bytes;
  observe::Histogram commit_seconds;
  std::array<observe::Counter, enum_count<GapReason>> gaps;
  std::array<observe::Counter, enum_count<GapReason>> gap_seconds;
};

}  // namespace pbxbridge::spool
