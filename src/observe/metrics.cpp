#include "observe/metrics.hpp"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <sstream>

#ifndef PBXBRIDGE_VERSION
#error "PBXBRIDGE_VERSION comes from CMakeLists.txt"
#endif

namespace pbxbridge::observe {

namespace {

using CounterFamily = prometheus::Family<prometheus::Counter>;
using GaugeFamily = prometheus::Family<prometheus::Gauge>;
using HistogramFamily = prometheus::Family<prometheus::Histogram>;

/// From a millisecond, which a broker nearby needs, to the hours of an outage.
const prometheus::Histogram::BucketBoundaries acknowledgement_buckets = {
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600};
const prometheus::Histogram::BucketBoundaries commit_buckets = {
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5};

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

std::span<const double> acknowledgement_bounds() { return acknowledgement_buckets; }

std::string_view to_string(Untidiness kind) {
  switch (kind) {
    case Untidiness::not_json:
      return "not_json";
    case Untidiness::not_utf8:
      return "not_utf8";
    case Untidiness::not_an_object:
      return "not_an_object";
    case Untidiness::no_event_type:
      return "no_event_type";
    case Untidiness::unknown_event_type:
      return "unknown_event_type";
    case Untidiness::repeated_key:
      return "repeated_key";
    case Untidiness::huge_integer:
      return "huge_integer";
  }
  return "unknown";
}

std::string_view to_string(SubscriptionState state) {
  switch (state) {
    case SubscriptionState::pending:
      return "pending";
    case SubscriptionState::granted:
      return "granted";
    case SubscriptionState::rejected:
      return "rejected";
    case SubscriptionState::silent:
      return "silent";
  }
  return "unknown";
}

std::string_view to_string(DropReason reason) {
  switch (reason) {
    case DropReason::overload:
      return "overload";
    case DropReason::spool_full:
      return "spool_full";
    case DropReason::expired:
      return "expired";
    case DropReason::corrupted:
      return "corrupted";
    case DropReason::rejected:
      return "rejected";
    case DropReason::dead_letters_full:
      return "dead_letters_full";
    case DropReason::dead_letter_copy:
      return "dead_letter_copy";
  }
  return "unknown";
}

std::string_view to_string(GapReason reason) {
  switch (reason) {
    case GapReason::disconnected:
      return "disconnected";
    case GapReason::not_running:
      return "not_running";
    case GapReason::overload:
      return "overload";
    case GapReason::spool_full:
      return "spool_full";
    case GapReason::expired:
      return "expired";
    case GapReason::corrupted:
      return "corrupted";
  }
  return "unknown";
}

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
  GaugeFamily& in_flight = gauge("pbxbridge_sink_in_flight", "Deliveries handed off to the sink and not yet acknowledged.");
  GaugeFamily& lag_events =
      gauge("pbxbridge_sink_lag_events",
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
  CounterFamily& gaps = counter("pbxbridge_gaps_total",
                                "Stretches in which events are missing, by reason; `pbxbridge spool list --gaps` lists them.");
  CounterFamily& gap_seconds = counter("pbxbridge_gap_seconds_total", "Time that such stretches took, by reason.");
};

Metrics::Metrics() : families_(std::make_unique<Families>()) {
  families_->build_info.Add({{"version", PBXBRIDGE_VERSION}}).Set(1);
  spool_.bytes = &families_->spool_bytes.Add({});
  spool_.events = &families_->spool_events.Add({});
  spool_.oldest_age_seconds = &families_->spool_oldest_age.Add({});
  spool_.writable = &families_->spool_writable.Add({});
  spool_.commit_seconds = &families_->commit_seconds.Add({}, commit_buckets);
  for (std::size_t i = 0; i < gap_reason_count; ++i) {
    const prometheus::Labels labels = {{"reason", std::string(to_string(static_cast<GapReason>(i)))}};
    spool_.gaps[i] = &families_->gaps.Add(labels);
    spool_.gap_seconds[i] = &families_->gap_seconds.Add(labels);
  }
}

Metrics::~Metrics() = default;

SpoolMetrics& Metrics::spool() { return spool_; }

PbxMetrics& Metrics::pbx(const std::string& name) {
  const auto [position, added] = pbx_.try_emplace(name);
  PbxMetrics& metrics = position->second;
  if (!added) return metrics;
  Families& families = *families_;
  const prometheus::Labels labels = {{"pbx", name}};
  for (std::size_t i = 0; i < family_count; ++i)
    metrics.events_accepted[i] =
        &families.events_accepted.Add({{"pbx", name}, {"family", std::string(to_string(static_cast<Family>(i)))}});
  for (std::size_t i = 0; i < untidiness_count; ++i)
    metrics.events_untidy[i] =
        &families.events_untidy.Add({{"pbx", name}, {"kind", std::string(to_string(static_cast<Untidiness>(i)))}});
  for (std::size_t i = 0; i < subscription_state_count; ++i)
    metrics.subscriptions[i] = &families.subscriptions.Add(
        {{"pbx", name}, {"state", std::string(to_string(static_cast<SubscriptionState>(i)))}});
  metrics.events_unrouted = &families.events_unrouted.Add(labels);
  metrics.events_too_large = &families.events_too_large.Add(labels);
  metrics.paused_seconds = &families.paused_seconds.Add(labels);
  metrics.bytes_received = &families.bytes_received.Add(labels);
  metrics.connections = &families.pbx_connections.Add(labels);
  metrics.reconnects = &families.reconnects.Add(labels);
  metrics.connection_failures = &families.pbx_connection_failures.Add(labels);
  metrics.auth_rejections = &families.auth_rejections.Add(labels);
  metrics.authenticated = &families.authenticated.Add(labels);
  metrics.last_event_timestamp_seconds = &families.last_event.Add(labels);
  return metrics;
}

SinkMetrics& Metrics::sink(const std::string& name) {
  const auto [position, added] = sinks_.try_emplace(name);
  SinkMetrics& metrics = position->second;
  if (!added) return metrics;
  Families& families = *families_;
  const prometheus::Labels labels = {{"sink", name}};
  metrics.events_delivered = &families.events_delivered.Add(labels);
  metrics.events_retried = &families.events_retried.Add(labels);
  metrics.events_rejected = &families.events_rejected.Add(labels);
  for (std::size_t i = 0; i < drop_reason_count; ++i)
    metrics.events_dropped[i] =
        &families.events_dropped.Add({{"sink", name}, {"reason", std::string(to_string(static_cast<DropReason>(i)))}});
  metrics.dead_letters = &families.dead_letters.Add(labels);
  metrics.route_fallbacks = &families.route_fallbacks.Add(labels);
  metrics.route_missing_keys = &families.route_missing_keys.Add(labels);
  metrics.connections = &families.sink_connections.Add(labels);
  metrics.connection_failures = &families.sink_connection_failures.Add(labels);
  metrics.connected = &families.connected.Add(labels);
  metrics.in_flight = &families.in_flight.Add(labels);
  metrics.lag_events = &families.lag_events.Add(labels);
  metrics.acknowledgement_seconds = &families.acknowledgement_seconds.Add(labels, acknowledgement_buckets);
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

}  // namespace pbxbridge::observe
