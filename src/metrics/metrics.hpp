#pragma once

// Every metric of pbxbridge, declared once (metrics.cpp names and explains them). Each is present with 0 from the
// moment its PBX or sink is configured. Labels are names from the configuration and closed lists, never an extension, a
// queue or a number. Counters and gauges are atomics: any thread may change them.

#include "deliver/sink_metrics.hpp"
#include "derive/state/state_metrics.hpp"
#include "metrics/process_metrics.hpp"
#include "pbx/session_metrics.hpp"
#include "pbx/session_status.hpp"
#include "spool/spool_metrics.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::metrics {

/// A metric as it is declared, without its values.
struct MetricDescription {
  std::string name;
  std::string_view type;  ///< counter, gauge or histogram
  std::string help;
  std::map<std::string, std::set<std::string>> labels;  ///< the values of each
};

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// Made on first use; the reference stays valid until it is forgotten. Main thread only.
  pbx::SessionMetrics& pbx(const std::string& name);
  deliver::SinkMetrics& sink(const std::string& name);
  void forget_pbx(const std::string& name);
  void forget_sink(const std::string& name);
  spool::SpoolMetrics& spool();
  derive::state::StateMetrics& state();
  const ConfigurationMetrics& configuration() const { return configuration_; }
  const ProcessMetrics& process() const { return process_; }

  // Series that come and go with the configuration. Main thread only.

  /// Replaces those of this PBX: how many subscriptions of each topic are in each state.
  void set_subscriptions(const std::string& pbx, std::span<const pbx::SubscriptionStatus> subscriptions);
  /// Events that a route has sent to a sink since the routes were applied; it never becomes less until
  /// `forget_routes`. `number`: place of the route in the configuration, from 1.
  void set_route_events(std::size_t number, const std::string& sink, std::uint64_t events);
  void forget_routes();
  void set_configuration_hash(const std::string& hash);

  /// All of it in Prometheus' text format 0.0.4. Any thread.
  std::string text() const;

  /// Every metric, sorted by name; those of a PBX or a sink once one has been asked for. Any thread.
  std::vector<MetricDescription> descriptions() const;

 private:
  struct Families;
  std::unique_ptr<Families> families_;
  std::map<std::string, pbx::SessionMetrics> pbx_;
  std::map<std::string, deliver::SinkMetrics> sinks_;
  spool::SpoolMetrics spool_{};
  derive::state::StateMetrics state_{};
  ConfigurationMetrics configuration_{};
  ProcessMetrics process_{};
};

}  // namespace pbxbridge::metrics
