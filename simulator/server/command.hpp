#pragma once

#include "pbxbridge/error.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace pbxbridge::sim {

/// Commands to the running simulator, one line each on standard input or in a cue file.
namespace command {

struct Push {  ///< `push JSON`, `push-hex HEX`, `push-binary-hex HEX`: these very bytes to who is entitled to them
  std::string frame;
  bool binary = false;
};
struct PushAll {  ///< `push-all BYTES`: to every connected client, subscribed or not
  std::string frame;
};
struct Replay {  ///< `replay FILE`: every line as one frame
  std::filesystem::path file;
};
struct Start {};  ///< `start`: the first event now, whatever --start-after waits for
struct SetRate {  ///< `rate N`: events a second from now on
  double events_a_second = 0;
};
struct SetSpeed {  ///< `speed N`: of the model's clock from now on
  double speed = 0;
};
struct Order {  ///< something that people in the model do (model/orders.hpp)
  std::string line;
};
struct Close {  ///< `close CODE [REASON]`: a WebSocket close to every client
  std::uint16_t code = 1000;
  std::string reason;
};
struct Drop {  ///< `drop fin|rst`: the end of every TCP connection, without a WebSocket close
  bool reset = false;
};
struct Silent {  ///< `silent on|off`: connections stay up and nothing is said, no pong, no answer, no event
  bool on = false;
};
struct StopReading {  ///< `stop-reading on|off`
  bool on = false;
};
struct AnswerDelay {  ///< `answer-delay MS`
  std::chrono::milliseconds delay{};
};
struct Reject {  ///< `reject TOPIC [TEXT]`
  std::string topic;
  std::string text;
};
struct Allow {  ///< `allow TOPIC`: takes a rejection back
  std::string topic;
};
struct RejectAuth {  ///< `reject-auth on|off`
  bool on = false;
};
struct RefuseConnections {  ///< `refuse-connections on|off`: the port closes; connections that stand stay
  bool on = false;
};
struct Quit {};  ///< `quit`

}  // namespace command

using Command = std::variant<command::Push, command::PushAll, command::Replay, command::Start, command::SetRate,
                             command::SetSpeed, command::Order, command::Close, command::Drop, command::Silent,
                             command::StopReading, command::AnswerDelay, command::Reject, command::Allow,
                             command::RejectAuth, command::RefuseConnections, command::Quit>;

Result<Command> parse_command(std::string_view line);

/// A command and when to run it, counted from the start.
struct Cue {
  std::chrono::milliseconds after{};
  std::string line;
};

/// Reads `AFTER_SECONDS COMMAND` lines; empty lines and those that begin with `#` are skipped. Every command is
/// checked.
Result<std::vector<Cue>> parse_cues(std::string_view text);

}  // namespace pbxbridge::sim
