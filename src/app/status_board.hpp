#pragma once

#include "app/free_space.hpp"
#include "app/shutdown.hpp"
#include "async/latest_timer.hpp"
#include "config/config.hpp"
#include "metrics/metrics.hpp"
#include "pbxbridge/sink_type.hpp"
#include "pbxbridge/system_time.hpp"
#include "spool/spool.hpp"
#include "status/recent_counts.hpp"
#include "status/snapshot.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace pbxbridge::app {

/// Gathers what an operator is shown of the running bridge. Looks at the counters once a second, some microseconds for
/// each sink, so that it can say how fast they grow; nothing that an event passes does any work for it. Io thread only.
class StatusBoard {
 public:
  struct Parts {
    const Sessions& sessions;
    const Sinks& sinks;
    const spool::Spool& spool;
    metrics::Metrics& metrics;
    const config::Config& config;  ///< the one in force
    const std::vector<SinkType>& sink_types;
    std::function<void()> count_deliveries;  ///< brings the counters of events and deliveries up to date
    std::function<void()> update_metrics;    ///< all metrics
  };
  /// All of them outlive this object. `file`: name of the configuration.
  StatusBoard(boost::asio::io_context& io, Parts parts, std::string file);

  void start();
  /// The configuration in force is another from now on.
  void use_configuration();
  /// A reload is over.
  void reloaded(bool applied, std::string problem);
  /// Brings the metrics of the process up to date.
  void update_metrics();

  status::Snapshot snapshot() const;
  /// The configuration in force, without secrets and numbers.
  std::string configuration_text() const;
  /// The charts' part of it, which costs a fraction.
  std::vector<status::ChartPoint> chart_points() const;

 private:
  struct SinkCounts {
    status::RecentCounts in;
    status::RecentCounts out;
    status::RecentCounts acknowledgement;
    SinkCounts();
  };

  void look();
  status::Pbx pbx_status(const config::PbxConfig& pbx) const;
  status::Sink sink_status(const std::string& name, const config::SinkConfig& sink) const;
  status::Route route_status(std::size_t number, const config::RouteConfig& route) const;
  status::Spool spool_status() const;

  Parts parts_;
  async::LatestTimer timer_;
  FreeSpace free_space_;
  const SystemTime started_at_ = std::chrono::system_clock::now();
  status::Configuration configuration_;
  std::map<std::string, status::RecentCounts> received_;  // by PBX
  std::map<std::string, SinkCounts> sink_counts_;
  status::RecentCounts commits_;
};

}  // namespace pbxbridge::app
