#include "app/status_board.hpp"

#include "config/effective_text.hpp"
#include "config/settings_hash.hpp"
#include "status/process_usage.hpp"
#include "status/route_text.hpp"
#include "version/version.hpp"

#include <numeric>
#include <utility>

namespace pbxbridge::app {

namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds sampling_interval{1};
constexpr std::chrono::seconds ten_seconds{10};
constexpr std::chrono::seconds minute{60};

status::Rate rate_of(const status::RecentCounts& counts) {
  return {counts.per_second(ten_seconds), counts.per_second(minute)};
}

status::Percentiles percentiles_of(const status::RecentCounts& counts, std::span<const double> bounds) {
  const auto grown = counts.growth(minute);
  return {status::quantile(0.5, bounds, grown), status::quantile(0.99, bounds, grown)};
}

template <std::size_t size>
double sum(const std::array<observe::Counter, size>& counters) {
  return std::accumulate(counters.begin(), counters.end(), 0.0,
                         [](double total, const observe::Counter& counter) { return total + counter.value(); });
}

std::uint64_t whole(double count) { return static_cast<std::uint64_t>(count); }

std::string account_of(const config::AuthConfig& auth) {
  if (!auth.extension_number.empty()) return "extension";
  return auth.domain.empty() ? "system" : "tenant";
}

std::filesystem::path spool_directory(const config::SpoolConfig& spool) {
  return spool.type == config::SpoolType::disk ? spool.path : std::filesystem::path();
}

}  // namespace

StatusBoard::SinkCounts::SinkCounts() : in(minute), out(minute), acknowledgement(minute) {}

StatusBoard::StatusBoard(boost::asio::io_context& io, Parts parts, std::string file)
    : parts_(std::move(parts)),
      timer_(io.get_executor()),
      free_space_(spool_directory(parts_.config.spool)),
      commits_(minute) {
  configuration_.file = std::move(file);
  use_configuration();
  parts_.metrics.process().start_time_seconds.set(
      std::chrono::duration<double>(started_at_.time_since_epoch()).count());
}

void StatusBoard::use_configuration() {
  configuration_.loaded_at = std::chrono::system_clock::now();
  configuration_.hash = config::settings_hash(*parts_.config.document, parts_.sink_types);
  parts_.metrics.set_configuration_hash(configuration_.hash);
  parts_.metrics.configuration().last_reload_successful.set(1);
  parts_.metrics.configuration().last_reload_success_timestamp_seconds.set(
      std::chrono::duration<double>(configuration_.loaded_at.time_since_epoch()).count());
}

void StatusBoard::reloaded(bool applied, std::string problem) {
  const auto& metrics = parts_.metrics.configuration();
  if (applied) {
    metrics.reloads_applied.add();
  } else {
    metrics.reloads_rejected.add();
    metrics.last_reload_successful.set(0);
  }
  configuration_.last_reload = status::Reload{std::chrono::system_clock::now(), applied, std::move(problem)};
}

void StatusBoard::start() { look(); }

void StatusBoard::look() {
  parts_.count_deliveries();
  free_space_.refresh();
  const auto now = steady_clock::now();
  std::erase_if(received_, [this](const auto& pbx) { return !parts_.sessions.contains(pbx.first); });
  std::erase_if(sink_counts_, [this](const auto& sink) { return !parts_.sinks.contains(sink.first); });
  for (const auto& [name, session] : parts_.sessions)
    received_.try_emplace(name, minute).first->second.note(now, {sum(parts_.metrics.pbx(name).events_accepted)});
  for (const auto& [name, sink] : parts_.sinks) {
    SinkCounts& counts = sink_counts_[name];
    const deliver::SinkMetrics& metrics = parts_.metrics.sink(name);
    counts.in.note(now, {static_cast<double>(sink->deliveries_made())});
    counts.out.note(now, {metrics.events_delivered.value()});
    counts.acknowledgement.note(now, metrics.acknowledgement_seconds.counts());
  }
  commits_.note(now, parts_.metrics.spool().commit_seconds.counts());
  timer_.after(sampling_interval, [this] { look(); });
}

void StatusBoard::update_metrics() {
  const status::ProcessUsage usage = status::process_usage();
  const metrics::ProcessMetrics& process = parts_.metrics.process();
  process.cpu_seconds.add(std::max(0.0, usage.cpu_seconds - process.cpu_seconds.value()));
  process.resident_bytes.set(static_cast<double>(usage.resident_bytes));
  process.open_files.set(static_cast<double>(usage.open_files));
  process.open_files_limit.set(static_cast<double>(usage.open_files_limit));
  if (const auto bytes = free_space_.bytes()) parts_.metrics.spool().disk_free_bytes.set(static_cast<double>(*bytes));
}

status::Pbx StatusBoard::pbx_status(const config::PbxConfig& pbx) const {
  const pbx::SessionMetrics& metrics = parts_.metrics.pbx(pbx.name);
  status::Pbx result;
  result.name = pbx.name;
  result.account = account_of(pbx.auth);
  result.session = parts_.sessions.at(pbx.name)->status();
  if (const auto counts = received_.find(pbx.name); counts != received_.end())
    result.received = rate_of(counts->second);
  result.events = whole(sum(metrics.events_accepted));
  if (const double seconds = metrics.last_event_timestamp_seconds.value(); seconds > 0)
    result.last_event =
        SystemTime(std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(seconds)));
  return result;
}

status::Sink StatusBoard::sink_status(const std::string& name, const config::SinkConfig& sink) const {
  const deliver::SinkMetrics& metrics = parts_.metrics.sink(name);
  status::Sink result;
  result.name = name;
  result.type = sink.type;
  result.loop = parts_.sinks.at(name)->status();
  if (const auto counts = sink_counts_.find(name); counts != sink_counts_.end()) {
    result.in = rate_of(counts->second.in);
    result.out = rate_of(counts->second.out);
    result.acknowledgement = percentiles_of(counts->second.acknowledgement, deliver::acknowledgement_seconds_bounds);
  }
  result.delivered = whole(metrics.events_delivered.value());
  result.retried = whole(metrics.events_retried.value());
  result.rejected = whole(metrics.events_rejected.value());
  result.dropped = whole(sum(metrics.events_dropped));
  result.dead_letters = whole(metrics.dead_letters.value());
  return result;
}

status::Route StatusBoard::route_status(std::size_t number, const config::RouteConfig& route) const {
  status::Route result;
  result.number = number;
  result.line = route.location.line;
  result.match = status::match_text(route.match);
  for (const auto& destination : route.to) {
    const std::string& name = destination.sink.value;
    if (std::ranges::find(result.sinks, name) != result.sinks.end()) continue;
    result.sinks.push_back(name);
    const auto taken = parts_.sinks.at(name)->taken_by_route();
    // Each sink asks the routes for itself: the one that is farthest has seen all events that any has.
    if (number <= taken.size()) result.events = std::max(result.events, taken[number - 1]);
  }
  return result;
}

status::Spool StatusBoard::spool_status() const {
  const config::SpoolConfig& config = parts_.config.spool;
  const spool::Stats stats = parts_.spool.events->stats();
  status::Spool result;
  result.type = to_string(config.type);
  result.writable = parts_.spool.events->writable();
  result.events = stats.events;
  result.bytes = stats.bytes;
  result.max_bytes = config.max_bytes();
  result.queued_events = stats.queued_events;
  result.oldest_seconds = static_cast<std::uint64_t>(std::max<std::int64_t>(0, stats.oldest_age.count()));
  result.commit = percentiles_of(commits_, spool::commit_seconds_bounds);
  result.free_bytes = free_space_.bytes();
  return result;
}

std::string StatusBoard::configuration_text() const {
  return config::effective_text(*parts_.config.document, parts_.sink_types);
}

std::vector<status::ChartPoint> StatusBoard::chart_points() const {
  std::vector<status::ChartPoint> points;
  for (const auto& [name, sink] : parts_.sinks) {
    status::ChartPoint& point = points.emplace_back();
    point.sink = name;
    point.lag_events = sink->status().lag_events;
    const auto counts = sink_counts_.find(name);
    if (counts == sink_counts_.end()) continue;
    point.out_per_second = counts->second.out.per_second(ten_seconds);
    point.acknowledgement_p99 =
        percentiles_of(counts->second.acknowledgement, deliver::acknowledgement_seconds_bounds).p99;
  }
  return points;
}

status::Snapshot StatusBoard::snapshot() const {
  parts_.update_metrics();
  status::Snapshot snapshot;
  snapshot.at = std::chrono::system_clock::now();
  snapshot.process = {
      .version = std::string(version::program()), .started_at = started_at_, .usage = status::process_usage()};
  snapshot.configuration = configuration_;
  for (const auto& pbx : parts_.config.pbx) snapshot.pbxs.push_back(pbx_status(pbx));
  for (const auto& [name, sink] : parts_.config.sinks) snapshot.sinks.push_back(sink_status(name, sink));
  for (std::size_t i = 0; i < parts_.config.routes.size(); ++i)
    snapshot.routes.push_back(route_status(i + 1, parts_.config.routes[i]));
  snapshot.spool = spool_status();
  if (parts_.spool.gaps != nullptr) snapshot.gaps = parts_.spool.gaps->latest_gaps();
  return snapshot;
}

}  // namespace pbxbridge::app
