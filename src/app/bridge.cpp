#include "app/bridge.hpp"

#include "sink/sink_type.hpp"
#include "spool/memory_spool.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace pbxbridge::app {

namespace {

std::unique_ptr<spool::Spool> make_spool(const config::SpoolConfig& config) {
  return std::make_unique<spool::MemorySpool>(config.max_size.bytes);
}

deliver::SinkLoop::MakeSink sink_maker(const config::SinkConfig& config) {
  return [type = sink::find_sink_type(config.type), settings = config.settings](SinkContext context) {
    return type->make(*settings, std::move(context));
  };
}

/// What a reload cannot change, as a clause; empty where there is nothing.
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

Bridge::Bridge(boost::asio::io_context& io, Configuration configuration, observe::Log& log)
    : io_(io),
      config_(std::move(configuration.config)),
      log_(log),
      spool_(make_spool(config_.spool)),
      intake_(*spool_, configuration.router, log) {
  for (const auto& [name, sink] : config_.sinks)
    sinks_.emplace(name, std::make_unique<deliver::SinkLoop>(io, name, sink, sink_maker(sink), *spool_,
                                                             configuration.router, log, metrics_.sink(name)));
  for (const auto& pbx : config_.pbx) {
    observe::PbxMetrics& metrics = metrics_.pbx(pbx.name);
    intake_.add_pbx(pbx.name, metrics);
    sessions_.emplace(pbx.name, std::make_unique<pbx::Session>(io, pbx, intake_, log, metrics));
  }
  spool_->on_readable([this] {
    for (auto& [name, sink] : sinks_) sink->wake();
  });
  spool_->on_drop([this](const spool::Drop& drop) {
    for (auto& [name, sink] : sinks_)
      if (sink->cursor() == drop.cursor) sink->count_drop(drop.events);
  });
}

Bridge::~Bridge() = default;

Result<void> Bridge::start() {
  if (!config_.admin.listen.empty()) {
    const admin::Probes probes{.spool_writable = [this] { return spool_->writable(); },
                               .metrics =
                                   [this] {
                                     for (auto& [name, sink] : sinks_) sink->update_gauges();
                                     return metrics_.text();
                                   }};
    auto server = admin::HttpServer::listen(
        io_, config_.admin.listen,
        [probes](std::string_view method, std::string_view target) { return admin::respond(method, target, probes); });
    if (!server) return server.error();
    admin_ = std::move(server.value());
    log_.write(observe::log_code::admin_listening, "", "the admin endpoint answers", {{"address", admin_->address()}});
  }
  for (auto& [name, sink] : sinks_) sink->start();
  for (auto& [name, session] : sessions_) session->start();
  return {};
}

Result<void> Bridge::reload(Configuration configuration) {
  if (auto reason = restart_reason(config_, configuration.config); !reason.empty())
    return Error{ErrorCategory::configuration, std::move(reason)};
  config_ = std::move(configuration.config);
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
  for (auto& [name, session] : sessions_)
    session->stop([this] {
      if (--running_ == 0) stop_sinks();
    });
}

void Bridge::stop_sinks() {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(stop_deadline_ - std::chrono::steady_clock::now());
  running_ = sinks_.size();
  for (auto& [name, sink] : sinks_)
    sink->stop(std::max(left, std::chrono::milliseconds(100)), [this, name = name](std::uint64_t rest) {
      rest_ += rest;
      if (rest > 0)
        log_.write(observe::log_code::stopped_with_rest, "sink " + name,
                   spool_->durable()
                       ? "stopped before everything was delivered; the rest stays in the spool"
                       : "stopped before everything was delivered; the spool is in memory, so the rest is lost",
                   {{"events", std::to_string(rest)}});
      if (--running_ == 0) std::exchange(stopped_, nullptr)(rest_);
    });
}

}  // namespace pbxbridge::app
