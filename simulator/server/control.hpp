#pragma once

#include "simulator/server/scenario.hpp"
#include "simulator/server/server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <list>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::sim {

/// Runs a command line; what to answer, `ok ...` or `error: ...`.
std::string outcome(Server& server, std::string_view line);

/// Reads commands from standard input and answers each with one line, `ok ...` or `error: ...`. The end of the input
/// ends nothing else.
class ControlInput {
 public:
  ControlInput(boost::asio::io_context& io, Server& server);

 private:
  void read();

  Server& server_;
  boost::asio::posix::stream_descriptor input_;
  std::string received_;
};

/// Runs each cue at its time, and says so in a line that begins with `cue`.
class CueTimers {
 public:
  CueTimers(boost::asio::io_context& io, Server& server, const std::vector<Cue>& cues);

 private:
  void wait(boost::asio::steady_timer& timer, const Cue& cue);

  Server& server_;
  std::list<boost::asio::steady_timer> timers_;
};

}  // namespace pbxbridge::sim
