#include "app/bridge.hpp"

#include "app/reload_difference.hpp"
#include "status/snapshot_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

namespace pbxbridge::app {

namespace {

deliver::SinkLoop::MakeSink sink_maker(const config::SinkConfig& config, const std::vector<SinkType>& types) {
  return [make = find_sink_type(types, config.type)->make, settings = config.settings](SinkContext context) {
    return make(*settings, std::move(context));
  };
}

std::string not_applied_text(const std::vector<std::string>& settings) {
  return fmt::format("these settings have changed and are not applied before a restart: {}", fmt::join(settings, ", "));
}

}  // namespace

Result<std::unique_ptr<Bridge>> Bridge::make(boost::asio::io_context& io, Configuration configuration,
                                             observe::Log& log, std::string file) {
  auto metrics = std::make_unique<metrics::Metrics>();
  auto spool = spool::open_spool(io, configuration.config.spool, log, metrics->spool());
  if (!spool) return spool.error();
  return std::unique_ptr<Bridge>(
      new Bridge(io, std::move(configuration), log, std::move(metrics), std::move(spool.value()), std::move(file)));
}

Bridge::Bridge(boost::asio::io_context& io, Configuration configuration, observe::Log& log,
               std::unique_ptr<metrics::Metrics> metrics, spool::Spool spool, std::string file)
    : io_(io),
      sink_types_(std::move(configuration.sink_types)),
      config_(std::move(configuration.config)),
      started_with_(config_.document),
      log_(log),
      metrics_(std::move(metrics)),
      spool_(std::move(spool)),
      router_(configuration.router),
      intake_(*spool_.events, spool_.gaps, configuration.router, log),
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
      tap_streams_(io, taps_, config_),
      shutdown_(sessions_, sinks_, *spool_.events, log) {
  for (const auto& [name, sink] : config_.sinks) {
    deliver::SinkMetrics& sink_metrics = metrics_->sink(name);
    intake_.add_sink(name, sink_metrics);
    sinks_.emplace(name,
                   std::make_unique<deliver::SinkLoop>(io, name, sink, sink_maker(sink, sink_types_), *spool_.events,
                                                       spool_.letters, configuration.router, log, sink_metrics, taps_));
  }
  for (const auto& pbx : config_.pbx) {
    pbx::SessionMetrics& pbx_metrics = metrics_->pbx(pbx.name);
    intake_.add_pbx(pbx.name, pbx_metrics);
    sessions_.emplace(pbx.name,
                      std::make_unique<pbx::Session>(io, pbx, intake_, log, pbx_metrics, config_.spool.max_pause));
  }
  for (auto& [name, sink] : sinks_)
    sink->set_on_rejected([this, name = name](const EventPtr& event) {
      auto elsewhere = router_->route_dead_letter(*event, name, router_scratch_);
      if (elsewhere) sinks_.at(elsewhere->sink)->deliver_as_well(event, std::move(elsewhere->routed));
    });
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

Result<void> Bridge::start() {
  if (!config_.admin.listen.empty()) {
    const admin::Probes probes{.spool_writable = [this] { return spool_.events->writable(); },
                               .metrics =
                                   [this] {
                                     update_metrics();
                                     status_.update_metrics();
                                     return metrics_->text();
                                   },
                               .status = [this] { return status::to_json(status_.snapshot()); },
                               .page = [this](std::string_view path) { return page_.respond(path); }};
    auto token = config_.admin.token.is_set() ? config_.admin.token.read() : Result<std::string>(std::string());
    if (!token) return Error{ErrorCategory::configuration, "admin.token: " + token.error().text};
    const admin::Access access({.token = std::move(*token), .hosts = config_.admin.hosts});
    auto server = admin::HttpServer::listen(io_, config_.admin.listen, [access, probes](const admin::Request& request) {
      return admin::respond(request, access, probes);
    });
    if (!server) return Error{server.error().category, "admin.listen: " + server.error().text};
    admin_ = std::move(server.value());
    log_.write(observe::log_code::admin_listening, "", "the admin endpoint answers", {{"address", admin_->address()}});
  }
  if (spool_.letters != nullptr)
    commands_ = std::make_unique<ControlCommands>(
        io_, config_.spool.path, *spool_.letters, [this](const std::string& name) { return sinks_.contains(name); },
        tap_streams_, log_);
  spool_.events->start();
  for (auto& [name, sink] : sinks_) sink->start();
  for (auto& [name, session] : sessions_) session->start();
  status_.start();
  page_.start();
  return {};
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

Result<void> Bridge::reload(Configuration configuration) {
  if (auto reason = restart_reason(config_, configuration.config); !reason.empty())
    return Error{ErrorCategory::configuration, std::move(reason)};
  update_metrics();  // what the old routes took
  const auto not_applied = not_applied_by_reload(*started_with_, *configuration.config.document);
  if (!not_applied.empty()) log_.write(observe::log_code::reload_partial, "", not_applied_text(not_applied));
  config_ = std::move(configuration.config);
  router_ = configuration.router;
  intake_.use_routes(configuration.router);
  for (auto& [name, sink] : sinks_) sink->use_routes(configuration.router);
  for (const auto& pbx : config_.pbx) sessions_.at(pbx.name)->update_subscriptions(pbx.subscribe);
  metrics_->forget_routes();
  status_.reloaded(true, not_applied.empty() ? "" : not_applied_text(not_applied));
  return {};
}

void Bridge::reopen() {
  for (auto& [name, sink] : sinks_) sink->reopen();
}

void Bridge::stop(std::function<void(std::uint64_t)> stopped) {
  intake_.stopping();
  shutdown_.begin(config_.shutdown_timeout, std::move(stopped));
}

}  // namespace pbxbridge::app
