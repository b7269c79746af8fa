#include "app/bridge.hpp"

#include "app/home_assistant.hpp"
#include "app/reload_difference.hpp"
#include "status/snapshot_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <span>
#include <utility>

namespace pbxbridge::app {

namespace {

constexpr std::chrono::milliseconds tick_interval{1000};
/// Between steps of work that is done some at a time.
constexpr std::chrono::milliseconds step_interval{50};

deliver::SinkLoop::MakeSink sink_maker(const config::SinkConfig& config, const std::vector<SinkType>& types) {
  return [make = find_sink_type(types, config.type)->make, settings = config.settings](SinkContext context) {
    return make(*settings, std::move(context));
  };
}

std::string not_applied_text(const std::vector<std::string>& settings) {
  return fmt::format("these settings have changed and are not applied before a restart: {}", fmt::join(settings, ", "));
}

/// Keeps the settings in force that a reload cannot change.
void keep_settings_of_the_start(const config::Config& running, config::Config& wanted) {
  wanted.plugins = running.plugins;
  wanted.spool.type = running.spool.type;
  wanted.spool.path = running.spool.path;
  wanted.admin.control_socket = running.admin.control_socket;
}

}  // namespace

Result<std::unique_ptr<Bridge>> Bridge::make(boost::asio::io_context& io, Configuration configuration,
                                             observe::Log& log, std::string file) {
  auto metrics = std::make_unique<metrics::Metrics>();
  auto spool = spool::open_spool(io, configuration.config.spool, log, metrics->spool());
  if (!spool) return spool.error();
  add_home_assistant_removals(configuration, intake::DeviceAnnouncer::sinks_of(spool->rows));
  return std::unique_ptr<Bridge>(
      new Bridge(io, std::move(configuration), log, std::move(metrics), std::move(spool.value()), std::move(file)));
}

Bridge::Bridge(boost::asio::io_context& io, Configuration configuration, observe::Log& log,
               std::unique_ptr<metrics::Metrics> metrics, spool::Spool spool, std::string file)
    : io_(io),
      sink_types_(std::move(configuration.sink_types)),
      config_(std::move(configuration.config)),
      files_(std::move(configuration.files)),
      started_with_(config_.document),
      log_(log),
      metrics_(std::move(metrics)),
      stored_rows_(std::exchange(spool.rows, {})),
      spool_(std::move(spool)),
      router_(configuration.router),
      intake_(*spool_.events, spool_.gaps, configuration.router, log),
      devices_(*spool_.events, stored_rows_,
               {.appended = [this](const std::string& pbx) { intake_.count_bridge_event(pbx); },
                .has_all =
                    [this](const std::string& sink) {
                      return spool_.events->stats().queued_events == 0 && sinks_.at(sink)->status().lag_events == 0;
                    }}),
      tick_timer_(io.get_executor()),
      taps_(router_),
      status_(io,
              {.sessions = sessions_,
               .sinks = sinks_,
               .spool = spool_,
               .metrics = *metrics_,
               .config = config_,
               .sink_types = sink_types_,
               .count_deliveries = [this] { count_deliveries(); },
               .update_metrics = [this] { update_metrics(); }},
              std::move(file)),
      page_(io, status_, taps_),
      admin_(io, probes(), log),
      tap_streams_(io, taps_, config_),
      shutdown_(sessions_, sinks_, *spool_.events, log),
      reload_(io, {.sinks = sinks_,
                   .sessions = sessions_,
                   .spool = *spool_.events,
                   .intake = intake_,
                   .metrics = *metrics_,
                   .make_sink = [this](const std::string& name) { return make_sink(name); },
                   .make_session = [this](const std::string& name) { return make_session(name); }}) {
  announce_devices(configuration.home_assistant, configuration.device_sinks);
  for (const auto& [name, sink] : config_.sinks) {
    intake_.add_sink(name, metrics_->sink(name));
    sinks_.emplace(name, make_sink(name));
  }
  for (const auto& pbx : config_.pbx) {
    intake_.add_pbx(pbx.name, metrics_->pbx(pbx.name));
    sessions_.emplace(pbx.name, make_session(pbx.name));
  }
  spool_.events->set_on_committed([this](std::span<const EventPtr> events) {
    if (taps_.is_on()) taps_.accepted(events);
  });
  spool_.events->set_on_readable([this] {
    for (auto& [name, sink] : sinks_) sink->wake();
  });
  spool_.events->set_on_room([this] {
    intake_.room();
    for (auto& [name, session] : sessions_) session->resume();
  });
  spool_.events->set_on_drop([this](const spool::Drop& drop) {
    for (auto& [name, sink] : sinks_)
      if (sink->cursor() == drop.cursor) sink->count_drop(drop);
  });
  spool_.events->set_on_failure([this](const Error& error) {
    log_.write(observe::log_code::spool_failed, "", error.text + "; pbxbridge ends");
    if (on_failure_) on_failure_();
  });
}

Bridge::~Bridge() = default;

void Bridge::announce_devices(const std::optional<derive::home_assistant::Installation>& installation,
                              const std::set<std::string>& sinks) {
  using Announcer = intake::DeviceAnnouncer;
  std::map<Announcer::Name, Announcer::Wanted> devices;
  if (installation)
    for (auto& device : devices_of(*installation))
      devices.emplace(Announcer::Name{installation->sink, config_.home_assistant->prefix, std::move(device.id)},
                      Announcer::Wanted{installation->pbx, std::move(device.payload)});
  devices_.use(std::move(devices), sinks);
}

std::unique_ptr<deliver::SinkLoop> Bridge::make_sink(const std::string& name) {
  const config::SinkConfig& sink = config_.sinks.at(name);
  auto loop = std::make_unique<deliver::SinkLoop>(io_, name, sink, sink_maker(sink, sink_types_), *spool_.events,
                                                  spool_.letters, router_, log_, metrics_->sink(name), taps_);
  loop->set_on_rejected([this, name](const EventPtr& event) {
    auto elsewhere = router_->route_dead_letter(*event, name, router_scratch_);
    if (elsewhere) sinks_.at(elsewhere->sink)->deliver_as_well(event, std::move(elsewhere->routed));
  });
  return loop;
}

std::unique_ptr<pbx::Session> Bridge::make_session(const std::string& name) {
  const auto& pbx = *std::ranges::find(config_.pbx, name, &config::PbxConfig::name);
  intake_.use_subscriptions(pbx);
  return std::make_unique<pbx::Session>(io_, pbx, intake_, log_, metrics_->pbx(name), config_.spool.max_pause);
}

void Bridge::ask_for_snapshots(const std::string& pbx) {
  if (const auto session = sessions_.find(pbx); session != sessions_.end()) session->second->ask_for_snapshots();
}

void Bridge::ask_for_queues(const std::string& pbx, const event::QueueNames& queues) {
  if (const auto session = sessions_.find(pbx); session != sessions_.end()) session->second->ask_for_queues(queues);
}

void Bridge::ask_for_list(const std::string& pbx, pbx::RestList list,
                          std::function<void(const pbx::ListedNames&)> listed) {
  if (const auto session = sessions_.find(pbx); session != sessions_.end())
    session->second->ask_for_list(list, std::move(listed));
}

admin::Probes Bridge::probes() {
  return {.spool_writable = [this] { return spool_.events->writable(); },
          .metrics =
              [this] {
                update_metrics();
                status_.update_metrics();
                return metrics_->text();
              },
          .status = [this] { return status::to_json(status_.snapshot()); },
          .page = [this](std::string_view path) { return page_.respond(path); }};
}

Result<void> Bridge::start() {
  if (auto listening = admin_.use(config_.admin); !listening) return listening;
  if (const auto socket = config_.control_socket(); !socket.empty())
    commands_ = std::make_unique<ControlCommands>(
        io_, socket, spool_.letters, *spool_.events,
        [this](const std::string& name) { return config_.sinks.contains(name); }, [this] { return republish(); },
        tap_streams_, log_);
  spool_.events->start();
  intake_.follow_state(config_.state, metrics_->state(), std::move(stored_rows_), *this);
  for (auto& [name, sink] : sinks_) sink->start();
  for (auto& [name, session] : sessions_) session->start();
  tick();
  status_.start();
  page_.start();
  return {};
}

/// Sends again what brokers keep, for one may have lost it.
std::uint64_t Bridge::republish() {
  devices_.announce_again();
  const auto documents = intake_.republish();
  tick();
  return documents;
}

derive::BridgeStatus Bridge::own_status() const {
  const spool::Stats stats = spool_.events->stats();
  derive::BridgeStatus status;
  status.spool_events = stats.events;
  status.spool_bytes = stats.bytes;
  status.sinks = sinks_.size();
  for (const auto& [name, sink] : sinks_) {
    const deliver::SinkStatus loop = sink->status();
    status.sinks_connected += loop.state == deliver::SinkState::connected || loop.state == deliver::SinkState::stuck;
    if (loop.lag_events <= status.lag_events) continue;
    status.lag_events = loop.lag_events;
    status.lagging_sink = name;
  }
  return status;
}

void Bridge::tick() {
  const auto now = std::chrono::steady_clock::now();
  intake_.report_links();
  if (intake_.is_status_due(now)) intake_.report_status(own_status(), now);
  bool has_more = devices_.announce();
  if (intake_.pass_time(std::chrono::system_clock::now(), now)) has_more = true;
  tick_timer_.after(has_more ? step_interval : tick_interval, [this] { tick(); });
}

void Bridge::count_deliveries() {
  intake_.update_metrics();
  for (auto& [name, sink] : sinks_) sink->update_metrics();
}

void Bridge::update_metrics() {
  count_deliveries();
  const spool::Stats stats = spool_.events->stats();
  spool::SpoolMetrics& metrics = metrics_->spool();
  metrics.bytes.set(static_cast<double>(stats.bytes));
  metrics.events.set(static_cast<double>(stats.events));
  metrics.oldest_age_seconds.set(static_cast<double>(stats.oldest_age.count()));
  metrics.commit_queue_events.set(static_cast<double>(stats.queued_events));
  for (auto& [name, session] : sessions_) metrics_->set_subscriptions(name, session->status().subscriptions);
  update_route_metrics();
  if (spool_.letters == nullptr) return;
  const auto letters = spool_.letters->counts();
  for (auto& [name, sink] : sinks_)
    if (const auto count = letters.find(name); count != letters.end())
      metrics_->sink(name).dead_letters.set(static_cast<double>(count->second.letters));
}

void Bridge::update_route_metrics() {
  for (std::size_t i = 0; i < config_.routes.size(); ++i)
    for (const auto& destination : config_.routes[i].to) {
      const std::string& sink = destination.sink.value;
      metrics_->set_route_events(i + 1, sink, sinks_.at(sink)->taken_by_route()[i]);
    }
}

Result<void> Bridge::reload(Configuration configuration, std::function<void(const std::string&)> done) {
  if (auto listening = admin_.use(configuration.config.admin); !listening) return listening;
  // A file that cannot be read for now counts as unchanged.
  configuration.files.insert(files_.begin(), files_.end());
  auto difference = reload_difference(*started_with_, {*config_.document, files_},
                                      {*configuration.config.document, configuration.files});
  update_metrics();  // what the old routes took
  add_home_assistant_removals(configuration, devices_.sinks());
  keep_settings_of_the_start(config_, configuration.config);
  config_ = std::move(configuration.config);
  files_ = std::move(configuration.files);
  spool_.events->use_settings(config_.spool);
  intake_.use_state_settings(config_.state);
  if (configuration.router->takers_of_state() != router_->takers_of_state()) devices_.announce_again();
  use_routes(configuration.router, difference.sinks.removed);
  announce_devices(configuration.home_assistant, configuration.device_sinks);
  for (const auto& pbx : config_.pbx) {
    if (!sessions_.contains(pbx.name) || std::ranges::binary_search(difference.pbxs.changed, pbx.name)) continue;
    sessions_.at(pbx.name)->update_subscriptions(pbx.subscribe);
    intake_.use_subscriptions(pbx);
  }
  for (auto& [name, session] : sessions_) session->set_max_pause(config_.spool.max_pause);
  status_.use_configuration();
  const std::string left = difference.needs_restart.empty() ? "" : not_applied_text(difference.needs_restart);
  if (!left.empty()) log_.write(observe::log_code::reload_partial, "", left);
  const std::string changes = changes_text(difference);
  reload_.begin(std::move(difference), config_.shutdown_timeout, [this, done = std::move(done), changes, left] {
    status_.reloaded(true, left);
    done(changes);
  });
  intake_.report_links();
  return {};
}

/// A removed sink keeps those that know it until it is closed.
void Bridge::use_routes(const std::shared_ptr<const route::Router>& router,
                        const std::vector<std::string>& removed_sinks) {
  router_ = router;
  intake_.use_routes(router);
  for (auto& [name, sink] : sinks_)
    if (!std::ranges::binary_search(removed_sinks, name)) sink->use_routes(router);
  metrics_->forget_routes();
}

void Bridge::reopen() {
  for (auto& [name, sink] : sinks_) sink->reopen();
}

void Bridge::stop(std::function<void(std::uint64_t)> stopped) {
  intake_.stopping();
  reload_.abandon();
  shutdown_.begin(config_.shutdown_timeout, std::move(stopped));
}

}  // namespace pbxbridge::app
