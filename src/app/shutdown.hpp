#pragma once

#include "deliver/sink_loop.hpp"
#include "observe/log.hpp"
#include "pbx/session.hpp"
#include "spool/event_log.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace pbxbridge::app {

using Sinks = std::map<std::string, std::unique_ptr<deliver::SinkLoop>>;
using Sessions = std::map<std::string, std::unique_ptr<pbx::Session>>;

/// Ends the sessions, then has the spool written, then stops the sinks, which deliver what the spool holds, then writes
/// what they have acknowledged last. Io thread only.
class Shutdown {
 public:
  /// All of them outlive this object.
  Shutdown(Sessions& sessions, Sinks& sinks, spool::EventLog& spool, observe::Log& log);

  /// Once. Calls `stopped` within `timeout` with the number of deliveries that were not acknowledged.
  void begin(std::chrono::milliseconds timeout, std::function<void(std::uint64_t rest)> stopped);
  /// The disk did not take in time what was to be written, so that closing the spool may take forever.
  bool disk_is_stuck() const { return disk_is_stuck_; }

 private:
  void flush(int share, std::function<void()> then);
  void stop_sinks();
  void sink_stopped(const std::string& name, std::uint64_t rest);
  std::chrono::milliseconds time_left() const;

  Sessions& sessions_;
  Sinks& sinks_;
  spool::EventLog& spool_;
  observe::Log& log_;
  std::chrono::steady_clock::time_point deadline_{};
  std::function<void(std::uint64_t)> stopped_;
  std::size_t running_ = 0;  // sessions, then sinks, that have yet to stop
  std::uint64_t rest_ = 0;
  bool disk_is_stuck_ = false;
};

}  // namespace pbxbridge::app
