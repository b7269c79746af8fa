#include "metrics/metrics.hpp"

#include "version/version.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <sstream>
#include <utility>

namespace pbxbridge::metrics {

namespace {

using CounterFamily = prometheus::Family<prometheus::Counter>;
using GaugeFamily = prometheus::Family<prometheus::Gauge>;
using HistogramFamily = prometheus::Family<prometheus::Histogram>;

template <std::size_t size>
prometheus::Histogram::BucketBoundaries buckets(const std::array<double, size>& bounds) {
  return {bounds.begin(), bounds.end()};
}

/// Series of the same labels, such as those of one PBX or sink, and their end.
class Series {
 public:
  explicit Series(prometheus::Labels labels) : labels_(std::move(labels)) {}

  template <class Instrument, class... Arguments>
  auto& add(prometheus::Family<Instrument>& family, Arguments&&... arguments) {
    return keep(family, family.Add(labels_, std::forward<Arguments>(arguments)...));
  }
  /// Adds one for each value of the enum, whose name is the label's value.
  template <class E, class Made, class Instrument>
  void add_each(prometheus::Family<Made>& family, const std::string& label,
                std::array<Instrument, enum_count<E>>& instruments) {
    for (std::size_t i = 0; i < instruments.size(); ++i) {
      prometheus::Labels labels = labels_;
      labels.emplace(label, enum_names<E>[i].second);
      instruments[i] = Instrument(keep(family, family.Add(labels)));
    }
  }
  void remove() {
    for (const auto& remove : std::exchange(removals_, {})) remove();
  }

 private:
  template <class Family, class Instrument>
  Instrument& keep(Family& family, Instrument& instrument) {
    removals_.push_back([&family, &instrument] { family.Remove(&instrument); });
    return instrument;
  }

  prometheus::Labels labels_;
  std::vector<std::function<void()>> removals_;
};

using SeriesByName = std::map<std::string, Series>;

void forget(SeriesByName& series, const std::string& name) {
  const auto known = series.find(name);
  if (known == series.end()) return;
  known->second.remove();
  series.erase(known);
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
  SeriesByName pbx_series;
  SeriesByName sink_series;

  CounterFamily& counter(const char* name, const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
  }
  GaugeFamily& gauge(const char* name, const char* help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
  }

  GaugeFamily& build_info = gauge("pbxbridge_build_info", "Always 1; the version is in the label.");

  CounterFamily& events_accepted =
      counter("pbxbridge_events_accepted_total",
              "Events received and queued for the spool, by topic family, a moment before their commit.");
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
  CounterFamily& rest_failures =
      counter("pbxbridge_pbx_rest_failures_total",
              "Lists of calls, queues or extensions that were needed from the PBX's REST interface and not obtained.");
  GaugeFamily& authenticated = gauge("pbxbridge_pbx_authenticated", "1 while connected to the PBX and authenticated.");
  GaugeFamily& subscriptions = gauge("pbxbridge_pbx_subscriptions", "Configured subscriptions by their state.");
  GaugeFamily& subscription_state =
      gauge("pbxbridge_pbx_subscription_state",
            "Configured subscriptions to a topic by their state: mostly one of each topic, so that 1 marks its state.");
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
  GaugeFamily& lag_seconds = gauge(
      "pbxbridge_sink_lag_seconds",
      "Age of the oldest event that the sink has yet to acknowledge, to within a minute where it waits on the disk; "
      "0: there is none.");
  CounterFamily& route_events = counter("pbxbridge_route_events_total",
                                        "Events that a route sends to a sink, by the route's place in the "
                                        "configuration, from 1; a reload begins again at "
                                        "0.");
  GaugeFamily& dead_letters =
      gauge("pbxbridge_dead_letters", "Events that the sink has rejected for good and that are kept with the reason.");
  HistogramFamily& acknowledgement_seconds = prometheus::BuildHistogram()
                                                 .Name("pbxbridge_sink_acknowledgement_seconds")
                                                 .Help("From receiving an event to its acknowledgement by the sink.")
                                                 .Register(registry);

  HistogramFamily& pbx_time_to_acknowledgement_seconds =
      prometheus::BuildHistogram()
          .Name("pbxbridge_sink_pbx_time_to_acknowledgement_seconds")
          .Help(
              "From the time that the PBX gives an event to its acknowledgement by the sink, for events that have one: "
              "by "
              "the clocks of both machines, and to within a second.")
          .Register(registry);

  GaugeFamily& spool_bytes = gauge("pbxbridge_spool_bytes", "Size of the events that the spool holds.");
  GaugeFamily& spool_events = gauge("pbxbridge_spool_events", "Events that the spool holds.");
  GaugeFamily& spool_oldest_age =
      gauge("pbxbridge_spool_oldest_age_seconds",
            "Age of the oldest event that some sink has yet to acknowledge, to within a minute; 0: there is none.");
  GaugeFamily& spool_writable = gauge("pbxbridge_spool_writable", "1 while the spool accepts events.");
  GaugeFamily& commit_queue_events =
      gauge("pbxbridge_spool_commit_queue_events", "Events that are received and not yet committed.");
  GaugeFamily& disk_free_bytes =
      gauge("pbxbridge_spool_disk_free_bytes", "Free space on the disk of the spool, asked every 10 s; 0: not known.");
  HistogramFamily& commit_seconds = prometheus::BuildHistogram()
                                        .Name("pbxbridge_spool_commit_seconds")
                                        .Help("Time that writing a batch of events to the disk takes, fsync included.")
                                        .Register(registry);
  CounterFamily& gaps =
      counter("pbxbridge_gaps_total",
              "Stretches in which events are missing, by reason; `pbxbridge spool list --gaps` lists them.");
  CounterFamily& gap_seconds = counter("pbxbridge_gap_seconds_total", "Time that such stretches took, by reason.");

  GaugeFamily& state_rows =
      gauge("pbxbridge_state_rows", "Extensions, queues, agents, waiting callers and open calls that are followed.");
  GaugeFamily& state_bytes = gauge("pbxbridge_state_bytes", "Size of all that is followed, as it is stored.");
  CounterFamily& state_rows_rejected =
      counter("pbxbridge_state_rows_rejected_total",
              "Events about something that is not followed because a bound under state: is reached.");
  CounterFamily& state_rows_unreadable =
      counter("pbxbridge_state_rows_unreadable_total",
              "Stored rows that could not be read at the start; what the PBX says next makes them again.");
  CounterFamily& state_not_understood = counter(
      "pbxbridge_state_not_understood_total",
      "Parts of events that change no state because they lack an id, a list or a known reason. The events flow on.");
  CounterFamily& state_orphan_calls = counter("pbxbridge_state_orphan_calls_total",
                                              "Calls that were closed because nothing was heard of them after a gap.");

  GaugeFamily& configuration_info =
      gauge("pbxbridge_config_info",
            "Always 1; the label is the same for the same settings, whatever the values of secrets are.");
  CounterFamily& reloads =
      counter("pbxbridge_config_reloads_total", "Times that the configuration was read again, by what became of it.");
  GaugeFamily& last_reload_successful =
      gauge("pbxbridge_config_last_reload_successful", "1 while the last configuration that was read is in force.");
  GaugeFamily& last_reload_time = gauge("pbxbridge_config_last_reload_success_timestamp_seconds",
                                        "When the configuration in force was read, UNIX time.");
  CounterFamily& cpu_seconds = counter("process_cpu_seconds_total", "Time of CPU that the process took.");
  GaugeFamily& resident_bytes = gauge("process_resident_memory_bytes", "Memory of the process.");
  GaugeFamily& open_files = gauge("process_open_fds", "Open files and connections of the process.");
  GaugeFamily& open_files_limit = gauge("process_max_fds", "How many it may have.");
  GaugeFamily& start_time = gauge("process_start_time_seconds", "When the process was started, UNIX time.");

  // Keys are PBX and topic; in `route_counters` number and sink.
  std::map<std::pair<std::string, std::string>, std::array<prometheus::Gauge*, enum_count<pbx::SubscriptionState>>>
      topics;
  std::map<std::pair<std::size_t, std::string>, prometheus::Counter*> route_counters;
  prometheus::Gauge* hash = nullptr;
};

Metrics::Metrics() : families_(std::make_unique<Families>()) {
  families_->build_info.Add({{"version", std::string(version::program())}}).Set(1);
  spool_.bytes = observe::Gauge(families_->spool_bytes.Add({}));
  spool_.events = observe::Gauge(families_->spool_events.Add({}));
  spool_.oldest_age_seconds = observe::Gauge(families_->spool_oldest_age.Add({}));
  spool_.writable = observe::Gauge(families_->spool_writable.Add({}));
  spool_.commit_seconds = observe::Histogram(families_->commit_seconds.Add({}, buckets(spool::commit_seconds_bounds)));
  spool_.commit_queue_events = observe::Gauge(families_->commit_queue_events.Add({}));
  spool_.disk_free_bytes = observe::Gauge(families_->disk_free_bytes.Add({}));
  configuration_.reloads_applied = observe::Counter(families_->reloads.Add({{"result", "applied"}}));
  configuration_.reloads_rejected = observe::Counter(families_->reloads.Add({{"result", "rejected"}}));
  configuration_.last_reload_successful = observe::Gauge(families_->last_reload_successful.Add({}));
  configuration_.last_reload_success_timestamp_seconds = observe::Gauge(families_->last_reload_time.Add({}));
  process_.cpu_seconds = observe::Counter(families_->cpu_seconds.Add({}));
  process_.resident_bytes = observe::Gauge(families_->resident_bytes.Add({}));
  process_.open_files = observe::Gauge(families_->open_files.Add({}));
  process_.open_files_limit = observe::Gauge(families_->open_files_limit.Add({}));
  process_.start_time_seconds = observe::Gauge(families_->start_time.Add({}));
  state_.bytes = observe::Gauge(families_->state_bytes.Add({}));
  state_.rows_unreadable = observe::Counter(families_->state_rows_unreadable.Add({}));
  state_.not_understood = observe::Counter(families_->state_not_understood.Add({}));
  state_.orphan_calls = observe::Counter(families_->state_orphan_calls.Add({}));
  Series series({});
  series.add_each<spool::GapReason>(families_->gaps, "reason", spool_.gaps);
  series.add_each<spool::GapReason>(families_->gap_seconds, "reason", spool_.gap_seconds);
  series.add_each<derive::state::TableKind>(families_->state_rows, "table", state_.rows);
  series.add_each<derive::state::TableKind>(families_->state_rows_rejected, "table", state_.rows_rejected);
}

Metrics::~Metrics() = default;

spool::SpoolMetrics& Metrics::spool() { return spool_; }

derive::state::StateMetrics& Metrics::state() { return state_; }

pbx::SessionMetrics& Metrics::pbx(const std::string& name) {
  const auto [position, added] = pbx_.try_emplace(name);
  pbx::SessionMetrics& metrics = position->second;
  if (!added) return metrics;
  Families& families = *families_;
  Series& series = families.pbx_series.try_emplace(name, prometheus::Labels{{"pbx", name}}).first->second;
  series.add_each<Family>(families.events_accepted, "family", metrics.events_accepted);
  series.add_each<event::Untidiness>(families.events_untidy, "kind", metrics.events_untidy);
  series.add_each<pbx::SubscriptionState>(families.subscriptions, "state", metrics.subscriptions);
  metrics.events_unrouted = observe::Counter(series.add(families.events_unrouted));
  metrics.events_too_large = observe::Counter(series.add(families.events_too_large));
  metrics.paused_seconds = observe::Counter(series.add(families.paused_seconds));
  metrics.bytes_received = observe::Counter(series.add(families.bytes_received));
  metrics.connections = observe::Counter(series.add(families.pbx_connections));
  metrics.reconnects = observe::Counter(series.add(families.reconnects));
  metrics.connection_failures = observe::Counter(series.add(families.pbx_connection_failures));
  metrics.auth_rejections = observe::Counter(series.add(families.auth_rejections));
  metrics.rest_failures = observe::Counter(series.add(families.rest_failures));
  metrics.authenticated = observe::Gauge(series.add(families.authenticated));
  metrics.last_event_timestamp_seconds = observe::Gauge(series.add(families.last_event));
  return metrics;
}

deliver::SinkMetrics& Metrics::sink(const std::string& name) {
  const auto [position, added] = sinks_.try_emplace(name);
  deliver::SinkMetrics& metrics = position->second;
  if (!added) return metrics;
  Families& families = *families_;
  Series& series = families.sink_series.try_emplace(name, prometheus::Labels{{"sink", name}}).first->second;
  metrics.events_delivered = observe::Counter(series.add(families.events_delivered));
  metrics.events_retried = observe::Counter(series.add(families.events_retried));
  metrics.events_rejected = observe::Counter(series.add(families.events_rejected));
  series.add_each<spool::DropReason>(families.events_dropped, "reason", metrics.events_dropped);
  metrics.dead_letters = observe::Gauge(series.add(families.dead_letters));
  metrics.route_fallbacks = observe::Counter(series.add(families.route_fallbacks));
  metrics.route_missing_keys = observe::Counter(series.add(families.route_missing_keys));
  metrics.connections = observe::Counter(series.add(families.sink_connections));
  metrics.connection_failures = observe::Counter(series.add(families.sink_connection_failures));
  metrics.connected = observe::Gauge(series.add(families.connected));
  metrics.in_flight = observe::Gauge(series.add(families.in_flight));
  metrics.lag_events = observe::Gauge(series.add(families.lag_events));
  metrics.lag_seconds = observe::Gauge(series.add(families.lag_seconds));
  metrics.pbx_time_to_acknowledgement_seconds = observe::Histogram(
      series.add(families.pbx_time_to_acknowledgement_seconds, buckets(deliver::acknowledgement_seconds_bounds)));
  metrics.acknowledgement_seconds = observe::Histogram(
      series.add(families.acknowledgement_seconds, buckets(deliver::acknowledgement_seconds_bounds)));
  return metrics;
}

void Metrics::forget_pbx(const std::string& name) {
  set_subscriptions(name, {});
  forget(families_->pbx_series, name);
  pbx_.erase(name);
}

void Metrics::forget_sink(const std::string& name) {
  forget(families_->sink_series, name);
  sinks_.erase(name);
}

void Metrics::set_subscriptions(const std::string& pbx, std::span<const pbx::SubscriptionStatus> subscriptions) {
  std::map<std::string, std::array<double, enum_count<pbx::SubscriptionState>>> counts;
  for (const auto& subscription : subscriptions)
    ++counts[subscription.topic][static_cast<std::size_t>(subscription.state)];
  auto& topics = families_->topics;
  for (auto known = topics.begin(); known != topics.end();) {
    if (known->first.first != pbx || counts.contains(known->first.second)) {
      ++known;
      continue;
    }
    for (prometheus::Gauge* gauge : known->second) families_->subscription_state.Remove(gauge);
    known = topics.erase(known);
  }
  for (const auto& [topic, by_state] : counts) {
    const auto [known, added] = topics.try_emplace({pbx, topic});
    for (std::size_t state = 0; state < by_state.size(); ++state) {
      prometheus::Gauge*& gauge = known->second[state];
      if (added)
        gauge = &families_->subscription_state.Add(
            {{"pbx", pbx}, {"topic", topic}, {"state", std::string(enum_names<pbx::SubscriptionState>[state].second)}});
      gauge->Set(by_state[state]);
    }
  }
}

void Metrics::set_route_events(std::size_t number, const std::string& sink, std::uint64_t events) {
  prometheus::Counter*& counter = families_->route_counters[{number, sink}];
  if (counter == nullptr) counter = &families_->route_events.Add({{"route", std::to_string(number)}, {"sink", sink}});
  counter->Increment(std::max(0.0, static_cast<double>(events) - counter->Value()));
}

void Metrics::forget_routes() {
  for (const auto& [route, counter] : families_->route_counters) families_->route_events.Remove(counter);
  families_->route_counters.clear();
}

void Metrics::set_configuration_hash(const std::string& hash) {
  if (families_->hash != nullptr) families_->configuration_info.Remove(families_->hash);
  families_->hash = &families_->configuration_info.Add({{"hash", hash}});
  families_->hash->Set(1);
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
