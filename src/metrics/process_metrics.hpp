#pragma once

#include "observe/instruments.hpp"

namespace pbxbridge::metrics {

/// Metrics of the configuration in force.
struct ConfigurationMetrics {
  observe::Counter reloads_applied;
  observe::Counter reloads_rejected;
  observe::Gauge last_reload_successful;  ///< 1 from the start on
  observe::Gauge last_reload_success_timestamp_seconds;
};

/// Metrics that Prometheus' own clients have under the same names.
struct ProcessMetrics {
  observe::Counter cpu_seconds;
  observe::Gauge resident_bytes;
  observe::Gauge open_files;
  observe::Gauge open_files_limit;
  observe::Gauge start_time_seconds;
};

}  // namespace pbxbridge::metrics
