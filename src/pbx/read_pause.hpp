#pragma once

#include "async/latest_timer.hpp"
#include "observe/instruments.hpp"
#include "observe/log.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace pbxbridge::pbx {

/// Decides when one session reads nothing, because its events find no room: TCP then makes the PBX wait and nothing is
/// lost. A pause ends when there is room, or after `longest`: a connection that is never read answers no ping and is
/// given up by the PBX, which would cost more than the events that are dropped from then on. There is no further pause
/// before an event has found room with more to spare. Short pauses are only counted: under a load that the disk can
/// only just take there are many. Io thread only.
class ReadPause {
 public:
  /// Called with true to stop reading and with false to read on.
  using SetPaused = std::function<void(bool paused)>;

  /// `subject` is that of the log lines.
  ReadPause(boost::asio::io_context& io, std::chrono::milliseconds longest, std::string subject, observe::Log& log,
            observe::Counter paused_seconds, SetPaused set_paused);

  /// Called after each event; `room`: there is room for another.
  void handed_off(bool room);
  void resume();
  /// Applies to pauses that begin from now on.
  void set_longest(std::chrono::milliseconds longest) { longest_ = longest; }
  /// A pause ends without a word where its connection has ended.
  void connection_ended();
  /// Ends the pause for good: the farewell needs reading, and what the PBX has sent before it is handed off, room or
  /// not.
  void stop();

 private:
  enum class State : std::uint8_t { reading, paused, exhausted, stopped };

  void begin();
  void wait(std::chrono::milliseconds time, void (ReadPause::*then)());
  void say_paused();
  void time_is_up();
  void end(State next);
  void say(const observe::LogCode& code, std::string message) { log_.write(code, subject_, std::move(message)); }

  using Clock = std::chrono::steady_clock;

  std::chrono::milliseconds longest_;
  const std::string subject_;
  observe::Log& log_;
  const observe::Counter paused_seconds_;
  const SetPaused set_paused_;
  async::LatestTimer timer_;
  State state_ = State::reading;
  Clock::time_point since_;
  bool said_ = false;  // that it is paused
};

}  // namespace pbxbridge::pbx
