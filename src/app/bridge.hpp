#pragma once

#include "admin/control_socket.hpp"
#include "admin/http_server.hpp"
#include "app/configuration.hpp"
#include "app/intake.hpp"
#include "deliver/sink_loop.hpp"
#include "metrics/metrics.hpp"
#include "observe/log.hpp"
#include "pbx/session.hpp"
#include "spool/disk_spool.hpp"
#include "spool/spool.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::app {

/// Everything that runs, wired together: sessions → intake → spool → one loop a sink. Io thread only.
class Bridge {
 public:
  /// Opens the spool; the error is one of the spool's.
  static Result<std::unique_ptr<Bridge>> make(boost::asio::io_context& io, Configuration configuration,
                                              observe::Log& log);
  ~Bridge();

  /// Called once if it cannot go on.
  void on_failure(std::function<void()> failed) { failed_ = std::move(failed); }

  /// Sinks first, then the sessions, so that no event comes before there is someone to take it. The error is one of the
  /// admin endpoint; nothing runs then.
  Result<void> start();

  /// Applies subscriptions and routes; what else has changed needs a restart. An error leaves all as it was.
  Result<void> reload(Configuration configuration);
  /// After `stop`: the disk did not take in time what was to be written, so that destroying this may take for ever.
  bool disk_is_stuck() const { return disk_is_stuck_; }
  /// Opens the sinks' files again.
  void reopen();

  /// Ends the sessions, then delivers what the spool holds, then closes the sinks, all within `shutdown_timeout`. Calls
  /// `stopped` once with the number of deliveries that were not confirmed.
  void stop(std::function<void(std::uint64_t rest)> stopped);

 private:
  Bridge(boost::asio::io_context& io, Configuration configuration, observe::Log& log,
         std::unique_ptr<metrics::Metrics> metrics, std::unique_ptr<spool::Spool> spool, spool::DiskSpool* disk_spool);
  void listen_for_commands();
  void answer(std::string_view line, const admin::ControlSocket::Reply& reply);
  void update_metrics();
  void flush(int share, std::function<void()> then);
  void stop_sinks();
  std::chrono::milliseconds time_left() const;

  boost::asio::io_context& io_;
  config::Config config_;
  const std::optional<config::Node> started_with_;
  observe::Log& log_;
  std::unique_ptr<metrics::Metrics> metrics_;
  std::unique_ptr<spool::Spool> spool_;
  spool::DiskSpool* disk_spool_;  // the same; null where it is in memory
  std::shared_ptr<const route::Router> router_;
  route::Router::Scratch router_scratch_;
  Intake intake_;
  std::map<std::string, std::unique_ptr<deliver::SinkLoop>> sinks_;
  std::map<std::string, std::unique_ptr<pbx::Session>> sessions_;
  std::unique_ptr<admin::HttpServer> admin_;
  std::unique_ptr<admin::ControlSocket> control_;

  std::chrono::steady_clock::time_point stop_deadline_{};
  std::function<void()> failed_;
  std::function<void(std::uint64_t)> stopped_;
  bool disk_is_stuck_ = false;
  std::size_t running_ = 0;  // sessions, then sinks, that have yet to stop
  std::uint64_t rest_ = 0;
};

}  // namespace pbxbridge::app
