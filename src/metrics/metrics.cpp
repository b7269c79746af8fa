#include "metrics/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <sstream>

#ifndef PBXBRIDGE_VERSION
#error "PBXBRIDGE_VERSION comes from CMakeLists.txt"
#endif

namespace pbxbridge::metrics {

namespace {

using CounterFamily = prometheus::Family<prometheus::Counter>;
using GaugeFamily = prometheus::Family<prometheus::Gauge>;
using HistogramFamily = prometheus::Family<prometheus::Histogram>;

template <std::size_t size>
prometheus::Histogram::BucketBoundaries buckets(const std::array<double, size>& bounds) {
  return {bounds.begin(), bounds.end()};
}

/// One instrument for each value of the enum, whose name is the label's value.
template <class E, class Family, class Instrument>
void add_each(Family& family, const std::string& label, const prometheus::Labels& others,
              std::array<Instrument, enum_count<E>>& instruments) {
  for (std::size_t i = 0; i < instruments.size(); ++i) {
    prometheus::Labels labels = others;
    labels.emplace(label, enum_names<E>[i].second);
    instruments[i] = Instrument(family.Add(labels));
  }
}

std::string_view type_name(prometheus::MetricType type) {
  switch (type) {
    case prometheus::MetricType::Counter:
      return "counter";
    case prometheus::MetricType::Gauge:
      return "gauge";
    case prometheus::MetricType::Histogram:
      return "histogram";
    default:
      return "untyped";
  }
}

}  // namespace

struct Metrics::Families {
  prometheus::Registry registry;

  CounterFamily& counter(const char* name, const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
  }
  GaugeFamily& gauge(const char* name, const char* help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
  }

  GaugeFamily& build_info = gauge("pbxbridge_build_info", "Always 1; the version is in the label.");

  CounterFamily& events_accepted =
      counter("pbxbridge_events_accepted_total", "Events received and taken into the spool, by topic family.");
  CounterFamily& events_untidy =
      counter("pbxbridge_events_untidy_total",
              "Events that are not as the PBX documents them, by kind. They flow on unchanged; "
              "one event may be of several kinds.");
  CounterFamily& events_unrouted =
      counter("pbxbridge_events_unrouted_total", "Events that no route takes; they go nowhere.");
  CounterFamily& events_too_large =
      counter("pbxbridge_pbx_events_too_large_total", "Messages of the PBX over max_frame_size; they are dropped.");
  CounterFamily& paused_seconds = counter(
      "pbxbridge_pbx_paused_seconds_total",
      "Time in which nothing was read from the PBX because the spool had no room. TCP makes it wait meanwhile.");
  CounterFamily& bytes_received = counter("pbxbridge_received_bytes_total", "Payload bytes of events received.");
  CounterFamily& pbx_connections =
      counter("pbxbridge_pbx_connections_total", "Connections made to the PBX, authentication included.");
  CounterFamily& reconnects = counter("pbxbridge_pbx_reconnects_total", "Connections made after the first.");
  CounterFamily& pbx_connection_failures =
      counter("pbxbridge_pbx_connection_failures_total",
              "Attempts to connect to the PBX that failed, rejected accounts included.");
  CounterFamily& auth_rejections =
      counter("pbxbridge_pbx_auth_rejections_total", "Attempts at which the PBX rejected the account.");
  GaugeFamily& authenticated = gauge("pbxbridge_pbx_authenticated", "1 while connected to the PBX and authenticated.");
  GaugeFamily& subscriptions = gauge("pbxbridge_pbx_subscriptions", "Configured subscriptions by their state.");
  GaugeFamily& last_event = gauge("pbxbridge_pbx_last_event_timestamp_seconds",
                                  "When the last event came, UNIX time; 0 while none has come.");

  CounterFamily& events_delivered =
      counter("pbxbridge_events_delivered_total", "Deliveries that the sink has acknowledged.");
  CounterFamily& events_retried = counter("pbxbridge_events_retried_total", "Deliveries tried again.");
  CounterFamily& events_rejected =
      counter("pbxbridge_events_rejected_total", "Deliveries that the sink rejected for good.");
  CounterFamily& events_dropped =
      counter("pbxbridge_events_dropped_total", "Events lost to a sink, once for each event and sink, by reason.");
  CounterFamily& route_fallbacks =
      counter("pbxbridge_route_fallbacks_total", "Deliveries to a fallback topic because the topic could not be made.");
  CounterFamily& route_missing_keys =
      counter("pbxbridge_route_missing_keys_total", "Deliveries without a key because the key could not be made.");
  CounterFamily& sink_connections = counter("pbxbridge_sink_connections_total", "Connections made to the sink.");
  CounterFamily& sink_connection_failures =
      counter("pbxbridge_sink_connection_failures_total", "Connections to the sink that failed or were lost.");
  GaugeFamily& connected = gauge("pbxbridge_sink_connected", "1 while the sink is connected.");
  GaugeFamily& in_flight =
      gauge("pbxbridge_sink_in_flight", "Deliveries handed off to the sink and not yet acknowledged.");
  GaugeFamily& lag_events = gauge(
      "pbxbridge_sink_lag_events",
      "Events that the sink has yet to read from the spool, and deliveries that it has read and not acknowledged.");
  GaugeFamily& dead_letters =
      gauge("pbxbridge_dead_letters", "Events that the sink has rejected for good and that are kept with the reason.");
  HistogramFamily& acknowledgement_seconds = prometheus::BuildHistogram()
                                                 .Name("pbxbridge_sink_acknowledgement_seconds")
                                                 .Help("From receiving an event to its acknowledgement by the sink.")
                                                 .Register(registry);

  GaugeFamily& spool_bytes = gauge("pbxbridge_spool_bytes", "Size of the events that the spool holds.");
  GaugeFamily& spool_events = gauge("pbxbridge_spool_events", "Events that the spool holds.");
  GaugeFamily& spool_oldest_age =
      gauge("pbxbridge_spool_oldest_age_seconds",
            "Age of the oldest event that some sink has yet to acknowledge, to within a minute; 0: there is none.");
  GaugeFamily& spool_writable = gauge("pbxbridge_spool_writable", "1 while the spool accepts events.");
  HistogramFamily& commit_seconds = prometheus::BuildHistogram()
                                        .Name("pbxbridge_spool_commit_seconds")
                                        .Help("Time that writing a batch of events to the disk takes, fsync included.")
                                        .Register(registry);
  CounterFamily& gaps =
      counter("pbxbridge_gaps_total",
              "Stretches in which events are missing, by reason; `pbxbridge spool list --gaps` lists them.");
  CounterFamily& gap_seconds = counter("pbxbridge_gap_seconds_total", "Time that such stretches took, by reason.");
};

Metrics::Metrics() : families_(std::make_unique<Families>()) {
  families_->build_info.Add({{"version", PBXBRIDGE_VERSION}}).Set(1);
  spool_.bytes = observe::Gauge(families_->spool_bytes.Add({}));
  spool_.events = observe::Gauge(families_->spool_events.Add({}));
  spool_.oldest_age_seconds = observe::Gauge(families_->spool_oldest_age.Add({}));
  spool_.writable = observe::Gauge(families_->spool_writable.Add({}));
  spool_.commit_seconds = observe::Histogram(families_->commit_seconds.Add({}, buckets(spool::commit_seconds_bounds)));
  add_each<spool::GapReason>(families_->gaps, "reason", {}, spool_.gaps);
  add_each<spool::GapReason>(families_->gap_seconds, "reason", {}, spool_.gap_seconds);
}

Metrics::~Metrics() = default;

spool::SpoolMetrics& Metrics::spool() { return spool_; }

pbx::SessionMetrics& Metrics::pbx(const std::string& name) {
  const auto [position, added] = pbx_.try_emplace(name);
  pbx::SessionMetrics& metrics = position->second;
  if (!added) return metrics;
  Families& families = *families_;
  const prometheus::Labels labels = {{"pbx", name}};
  add_each<Family>(families.events_accepted, "family", labels, metrics.events_accepted);
  add_each<event::Untidiness>(families.events_untidy, "kind", labels, metrics.events_untidy);
  add_each<pbx::SubscriptionState>(families.subscriptions, "state", labels, metrics.subscriptions);
  metrics.events_unrouted = observe::Counter(families.events_unrouted.Add(labels));
  metrics.events_too_large = observe::Counter(families.events_too_large.Add(labels));
  metrics.paused_seconds = observe::Counter(families.paused_seconds.Add(labels));
  metrics.bytes_received = observe::Counter(families.bytes_received.Add(labels));
  metrics.connections = observe::Counter(families.pbx_connections.Add(labels));
  metrics.reconnects = observe::Counter(families.reconnects.Add(labels));
  metrics.connection_failures = observe::Counter(families.pbx_connection_failures.Add(labels));
  metrics.auth_rejections = observe::Counter(families.auth_rejections.Add(labels));
  metrics.authenticated = observe::Gauge(families.authenticated.Add(labels));
  metrics.last_event_timestamp_seconds = observe::Gauge(families.last_event.Add(labels));
  return metrics;
}

deliver::SinkMetrics& Metrics::sink(const std::string& name) {
  const auto [position, added] = sinks_.try_emplace(name);
  deliver::SinkMetrics& metrics = position->second;
  if (!added) return metrics;
  Families& families = *families_;
  const prometheus::Labels labels = {{"sink", name}};
  metrics.events_delivered = observe::Counter(families.events_delivered.Add(labels));
  metrics.events_retried = observe::Counter(families.events_retried.Add(labels));
  metrics.events_rejected = observe::Counter(families.events_rejected.Add(labels));
  add_each<spool::DropReason>(families.events_dropped, "reason", labels, metrics.events_dropped);
  metrics.dead_letters = observe::Gauge(families.dead_letters.Add(labels));
  metrics.route_fallbacks = observe::Counter(families.route_fallbacks.Add(labels));
  metrics.route_missing_keys = observe::Counter(families.route_missing_keys.Add(labels));
  metrics.connections = observe::Counter(families.sink_connections.Add(labels));
  metrics.connection_failures = observe::Counter(families.sink_connection_failures.Add(labels));
  metrics.connected = observe::Gauge(families.connected.Add(labels));
  metrics.in_flight = observe::Gauge(families.in_flight.Add(labels));
  metrics.lag_events = observe::Gauge(families.lag_events.Add(labels));
  metrics.acknowledgement_seconds = observe::Histogram(
      families.acknowledgement_seconds.Add(labels, buckets(deliver::acknowledgement_seconds_bounds)));
  return metrics;
}

std::string Metrics::text() const {
  std::ostringstream stream;
  prometheus::TextSerializer().Serialize(stream, families_->registry.Collect());
  return stream.str();
}

std::vector<MetricDescription> Metrics::descriptions() const {
  std::vector<MetricDescription> descriptions;
  for (const prometheus::MetricFamily& family : families_->registry.Collect()) {
    MetricDescription& description =
        descriptions.emplace_back(MetricDescription{family.name, type_name(family.type), family.help, {}});
    for (const prometheus::ClientMetric& metric : family.metric)
      for (const auto& label : metric.label) description.labels[label.name].insert(label.value);
  }
  std::ranges::sort(descriptions, {}, &MetricDescription::name);
  return descriptions;
}

}  // namespace pbxbridge::metrics
