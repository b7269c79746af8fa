#pragma once

#include "simulator/server/command.hpp"
#include "simulator/server/server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <memory>
#include <string>
#include <vector>

namespace pbxbridge::sim {

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
void schedule_cues(boost::asio::io_context& io, Server& server, const std::vector<Cue>& cues);

}  // namespace pbxbridge::sim
