#pragma once

#include "app/reload_difference.hpp"
#include "app/shutdown.hpp"
#include "async/lifetime.hpp"
#include "intake/intake.hpp"
#include "metrics/metrics.hpp"
#include "spool/event_log.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace pbxbridge::app {

/// Takes the sinks and sessions of a running bridge from one configuration to the next. What is unchanged is not
/// touched.
///
/// Sinks that are removed or changed get no more, and are closed once what is in flight has its outcome. When all of
/// them are, those that are changed or added start: two of them may name the same file or client id. A changed sink
/// goes on at its cursor, with what was not acknowledged; the cursor of an added one is open from the beginning, so
/// that it misses nothing meanwhile. Sessions likewise, apart from the sinks, which may take longer. Io thread only.
class Reload {
 public:
  struct Parts {
    Sinks& sinks;
    Sessions& sessions;
    spool::EventLog& spool;
    intake::Intake& intake;
    metrics::Metrics& metrics;
    // Makers of parts by the configuration in force.
    std::function<std::unique_ptr<deliver::SinkLoop>(const std::string& name)> make_sink;
    std::function<std::unique_ptr<pbx::Session>(const std::string& name)> make_session;
  };
  /// `parts` refers to objects that outlive this one.
  Reload(boost::asio::io_context& io, Parts parts) : io_(io), parts_(std::move(parts)) {}

  /// The configuration in force is the new one already, but no routes are used that do not know a removed sink; the one
  /// before is done. Calls `done` once, when all that is new has started, possibly from within. `timeout`: for closing
  /// a sink.
  void begin(ReloadDifference difference, std::chrono::milliseconds timeout, std::function<void()> done);
  bool is_under_way() const { return done_ != nullptr; }
  /// pbxbridge stops: nothing more is replaced, and `done` is not called.
  void abandon();

 private:
  void announce();
  void sink_closed(const std::string& name);
  void session_stopped(const std::string& name);
  void start_sinks();
  void start_sessions();
  void finish_if_done();
  void later(std::function<void()> function);

  boost::asio::io_context& io_;
  const Parts parts_;
  ReloadDifference difference_;
  std::function<void()> done_;
  std::size_t sinks_left_ = 0;     // sinks that have yet to close
  std::size_t sessions_left_ = 0;  // sessions that have yet to stop
  async::Lifetime lifetime_;
};

}  // namespace pbxbridge::app
