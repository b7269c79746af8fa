#include "app/bridge.hpp"

#include "app/reload_difference.hpp"
#include "sink/sink_types.hpp"
#include "spool/dead_letters/dead_letter_command.hpp"
#include "spool/disk_spool.hpp"
#include "spool/memory_spool.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace pbxbridge::app {

namespace {

/// Shares of the time for stopping: for writing the last events, and for the last cursors.
constexpr int flush_share = 3;
constexpr std::chrono::milliseconds flush_reserve{500};

deliver::SinkLoop::MakeSink sink_maker(const config::SinkConfig& config) {
  return [type = sink::find_sink_type(config.type), settings = config.settings](SinkContext context) {
    return type->make(*settings, std::move(context));
  };
}

/// Describes what a sink could not take; `gone`: events that its bounds have removed from the spool meanwhile.
std::string rest_text(bool durable, std::uint64_t gone) {
  const std::string stopped = "stopped before everything was delivered; ";
  if (!durable) return stopped + "the spool is in memory, so the rest is lost";
  if (gone == 0) return stopped + "the rest stays in the spool for the next start";
  return stopped + "the spool has dropped its oldest events, which the next start counts; the rest stays in it";
}

/// Names what a reload cannot change, as a clause; empty where there is nothing.
std::string restart_reason(const config::Config& running, const config::Config& wanted) {
  const auto same_sink = [](const auto& left, const auto& right) {
    return left.first == right.first && left.second.type == right.second.type;
  };
  if (!std::equal(running.sinks.begin(), running.sinks.end(), wanted.sinks.begin(), wanted.sinks.end(), same_sink))
    return "sinks were added, removed or are of another type now, which needs a restart";
  const auto same_pbx = [](const auto& left, const auto& right) {
    return left.name == right.name && left.url.value == right.url.value && left.dialect == right.dialect;
  };
  if (!std::equal(running.pbx.begin(), running.pbx.end(), wanted.pbx.begin(), wanted.pbx.end(), same_pbx))
    return "PBX entries were added, removed, moved or have another url or dialect now, which needs a restart";
  return "";
}

}  // namespace

Result<std::unique_ptr<Bridge>> Bridge::make(boost::asio::io_context& io, Configuration configuration,
                                             observe::Log& log) {
  auto metrics = std::make_unique<metrics::Metrics>();
  std::unique_ptr<spool::Spool> spool;
  spool::DiskSpool* on_disk = nullptr;
  const config::SpoolConfig& config = configuration.config.spool;
  if (config.type == config::SpoolType::disk) {
    auto opened = spool::DiskSpool::open(io, config, log, metrics->spool());
    if (!opened) return opened.error();
    on_disk = opened->get();
    spool = std::move(opened.value());
  } else {
    spool = std::make_unique<spool::MemorySpool>(config.max_bytes());
    metrics->spool().writable.set(1);
  }
  return std::unique_ptr<Bridge>(
      new Bridge(io, std::move(configuration), log, std::move(metrics), std::move(spool), on_disk));
}

Bridge::Bridge(boost::asio::io_context& io, Configuration configuration, observe::Log& log,
               std::unique_ptr<metrics::Metrics> metrics, std::unique_ptr<spool::Spool> spool,
               spool::DiskSpool* disk_spool)
    : io_(io),
      config_(std::move(configuration.config)),
      started_with_(config_.document),
      log_(log),
      metrics_(std::move(metrics)),
      spool_(std::move(spool)),
      disk_spool_(disk_spool),
      router_(configuration.router),
      intake_(*spool_, configuration.router, log) {
  for (const auto& [name, sink] : config_.sinks) {
    deliver::SinkMetrics& sink_metrics = metrics_->sink(name);
    intake_.add_sink(name, sink_metrics);
    sinks_.emplace(name, std::make_unique<deliver::SinkLoop>(io, name, sink, sink_maker(sink), *spool_,
                                                             configuration.router, log, sink_metrics));
  }
  for (const auto& pbx : config_.pbx) {
    pbx::SessionMetrics& pbx_metrics = metrics_->pbx(pbx.name);
    intake_.add_pbx(pbx.name, pbx_metrics);
    sessions_.emplace(pbx.name,
                      std::make_unique<pbx::Session>(io, pbx, intake_, log, pbx_metrics, config_.spool.max_pause));
  }
  for (auto& [name, sink] : sinks_)
    sink->on_rejected([this, name = name](const EventPtr& event) {
      auto elsewhere = router_->route_dead_letter(*event, name, router_scratch_);
      if (elsewhere) sinks_.at(elsewhere->sink)->deliver_as_well(event, std::move(elsewhere->routed));
    });
  spool_->on_readable([this] {
    for (auto& [name, sink] : sinks_) sink->wake();
  });
  spool_->on_room([this] {
    intake_.room();
    for (auto& [name, session] : sessions_) session->resume();
  });
  spool_->on_drop([this](const spool::Drop& drop) {
    for (auto& [name, sink] : sinks_)
      if (sink->cursor() == drop.cursor) sink->count_drop(drop);
  });
  spool_->on_failure([this](const Error& error) {
    log_.write(observe::log_code::spool_failed, "", error.text + "; pbxbridge ends");
    if (failed_) failed_();
  });
}

Bridge::~Bridge() = default;

Result<void> Bridge::start() {
  if (!config_.admin.listen.empty()) {
    const admin::Probes probes{.spool_writable = [this] { return spool_->writable(); },
                               .metrics =
                                   [this] {
                                     update_metrics();
                                     return metrics_->text();
                                   }};
    auto server = admin::HttpServer::listen(
        io_, config_.admin.listen,
        [probes](std::string_view method, std::string_view target) { return admin::respond(method, target, probes); });
    if (!server) return server.error();
    admin_ = std::move(server.value());
    log_.write(observe::log_code::admin_listening, "", "the admin endpoint answers", {{"address", admin_->address()}});
  }
  listen_for_commands();
  spool_->start();
  for (auto& [name, sink] : sinks_) sink->start();
  for (auto& [name, session] : sessions_) session->start();
  return {};
}

/// A command that misses the socket reports that itself.
void Bridge::listen_for_commands() {
  if (disk_spool_ == nullptr) return;
  auto control = admin::ControlSocket::listen(
      io_, spool::control_socket_file(config_.spool.path),
      [this](std::string_view line, const admin::ControlSocket::Reply& reply) { answer(line, reply); });
  if (control)
    control_ = std::move(control.value());
  else
    log_.write(observe::log_code::control_failed, "",
               control.error().text + "; pbxbridge runs, but dead letters cannot be redriven while it does");
}

void Bridge::answer(std::string_view line, const admin::ControlSocket::Reply& reply) {
  const auto command = spool::parse_dead_letter_command(line);
  if (!command) return reply("error: not a command");
  const auto changed = [reply](const Result<std::uint64_t>& letters) { reply(spool::to_answer(letters)); };
  if (command->action == spool::DeadLetterCommand::Action::drop)
    return disk_spool_->letters().drop(command->sink, command->letter, changed);
  if (!sinks_.contains(command->sink)) return reply("error: there is no sink " + command->sink + " to redrive to");
  disk_spool_->letters().redrive(command->sink, command->letter, changed);
}

void Bridge::update_metrics() {
  intake_.update_metrics();
  for (auto& [name, sink] : sinks_) sink->update_metrics();
  const spool::Stats stats = spool_->stats();
  spool::SpoolMetrics& metrics = metrics_->spool();
  metrics.bytes.set(static_cast<double>(stats.bytes));
  metrics.events.set(static_cast<double>(stats.events));
  metrics.oldest_age_seconds.set(static_cast<double>(stats.oldest_age.count()));
  if (disk_spool_ == nullptr) return;
  const auto letters = disk_spool_->letters().counts();
  for (auto& [name, sink] : sinks_)
    if (const auto count = letters.find(name); count != letters.end())
      metrics_->sink(name).dead_letters.set(static_cast<double>(count->second.letters));
}

Result<void> Bridge::reload(Configuration configuration) {
  if (auto reason = restart_reason(config_, configuration.config); !reason.empty())
    return Error{ErrorCategory::configuration, std::move(reason)};
  const auto not_applied = not_applied_by_reload(*started_with_, *configuration.config.document);
  if (!not_applied.empty())
    log_.write(observe::log_code::reload_partial, "",
               fmt::format("these settings have changed and are not applied before a restart: {}",
                           fmt::join(not_applied, ", ")));
  config_ = std::move(configuration.config);
  router_ = configuration.router;
  intake_.use_routes(configuration.router);
  for (auto& [name, sink] : sinks_) sink->use_routes(configuration.router);
  for (const auto& pbx : config_.pbx) sessions_.at(pbx.name)->update_subscriptions(pbx.subscribe);
  return {};
}

void Bridge::reopen() {
  for (auto& [name, sink] : sinks_) sink->reopen();
}

void Bridge::stop(std::function<void(std::uint64_t)> stopped) {
  stopped_ = std::move(stopped);
  stop_deadline_ = std::chrono::steady_clock::now() + config_.shutdown_timeout;
  running_ = sessions_.size();
  intake_.stopping();
  for (auto& [name, session] : sessions_)
    session->stop([this] {
      if (--running_ == 0) flush(flush_share, [this] { stop_sinks(); });
    });
}

std::chrono::milliseconds Bridge::time_left() const {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(stop_deadline_ - std::chrono::steady_clock::now());
  return std::max(left, std::chrono::milliseconds(100));
}

void Bridge::flush(int share, std::function<void()> then) {
  spool_->flush(time_left() / share, [this, then = std::move(then)](bool flushed) {
    disk_is_stuck_ = !flushed;
    if (!flushed)
      log_.write(observe::log_code::spool_not_flushed, "",
                 "the disk did not take in time what was to be written; pbxbridge ends without waiting for it");
    then();
  });
}

void Bridge::stop_sinks() {
  running_ = sinks_.size();
  const auto limit = std::max(time_left() - flush_reserve, time_left() / 2);
  for (auto& [name, sink] : sinks_)
    sink->stop(limit, [this, name = name](std::uint64_t rest) {
      rest_ += rest;
      if (rest > 0) {
        const auto gone = disk_spool_ == nullptr ? 0 : disk_spool_->lost_at_the_end(sinks_.at(name)->cursor());
        log_.write(observe::log_code::stopped_with_rest, "sink " + name, rest_text(spool_->durable(), gone),
                   {{"deliveries", std::to_string(rest)}, {"events_lost", std::to_string(gone)}});
      }
      // The last acknowledgements are written as well, so that nothing is delivered again.
      if (--running_ == 0) flush(1, [this] { std::exchange(stopped_, nullptr)(rest_); });
    });
}

}  // namespace pbxbridge::app
