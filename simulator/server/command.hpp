#pragma once

#include "pbxbridge/error.hpp"
#include "simulator/faults/fault.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <variant>

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
struct State {};    ///< `state`: the state of the model into the ledger
struct RestLimit {  ///< `rest-limit N`: requests a second, beyond which the REST API answers 429
  std::uint32_t requests_a_second = 0;
};
struct Quit {};  ///< `quit`

}  // namespace command

using Command =
    std::variant<command::Push, command::PushAll, command::Replay, command::Start, command::SetRate, command::SetSpeed,
                 command::Order, command::State, command::RestLimit, command::Quit, Fault>;

/// Reads a command or a fault (faults/fault.hpp).
Result<Command> parse_command(std::string_view line);

}  // namespace pbxbridge::sim
