#pragma once

#include "admin/http_server.hpp"
#include "app/configuration.hpp"
#include "app/intake.hpp"
#include "deliver/sink_loop.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "pbx/session.hpp"
#include "spool/spool.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace pbxbridge::app {

/// Everything that runs, wired together: sessions → intake → spool → one loop a sink. Io thread only.
class Bridge {
 public:
  Bridge(boost::asio::io_context& io, Configuration configuration, observe::Log& log);
  ~Bridge();

  /// Sinks first, then the sessions, so that no event comes before there is someone to take it. The error is one of the
  /// admin endpoint; nothing runs then.
  Result<void> start();

  /// Applies subscriptions and routes; what else has changed needs a restart. An error leaves all as it was.
  Result<void> reload(Configuration configuration);
  /// Opens the sinks' files anew.
  void reopen();

  /// Ends the sessions, then delivers what the spool holds, then closes the sinks, all within `shutdown_timeout`. Calls
  /// `stopped` once with the number of deliveries that were not confirmed.
  void stop(std::function<void(std::uint64_t rest)> stopped);

 private:
  void stop_sinks();

  boost::asio::io_context& io_;
  config::Config config_;
  observe::Log& log_;
  observe::Metrics metrics_;
  std::unique_ptr<spool::Spool> spool_;
  Intake intake_;
  std::map<std::string, std::unique_ptr<deliver::SinkLoop>> sinks_;
  std::map<std::string, std::unique_ptr<pbx::Session>> sessions_;
  std::unique_ptr<admin::HttpServer> admin_;

  std::chrono::steady_clock::time_point stop_deadline_{};
  std::function<void(std::uint64_t)> stopped_;
  std::size_t running_ = 0;  // sessions, then sinks, that have yet to stop
  std::uint64_t rest_ = 0;
};

}  // namespace pbxbridge::app
