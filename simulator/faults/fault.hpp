#pragma once

#include "pbxbridge/error.hpp"
#include "simulator/faults/rest_fault.hpp"
#include "simulator/faults/upgrade_answer.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace pbxbridge::sim {

/// Faults on command. Unless it says otherwise, a fault happens to every connected client at once, or holds from
/// now on for those that are connected and those that come.
namespace fault {

struct Close {  ///< a WebSocket close
  std::uint16_t code = 1000;
  std::string reason;
};
struct Drop {  ///< the end of the TCP connection, without a WebSocket close
  bool reset = false;
};
struct Silent {  ///< connections stay up and nothing is sent: no pong, no answer, no event
  bool on = false;
};
struct StopReading {
  bool on = false;
};
struct AnswerDelay {
  std::chrono::milliseconds delay{};
};
struct ForgetAnswers {  ///< commands are obeyed and not answered
  bool on = false;
};
struct RejectAuth {
  bool on = false;
};
struct Reject {
  std::string topic;
  std::string text;
};
struct Allow {  ///< takes a rejection back
  std::string topic;
};
struct Trickle {  ///< no more goes out than so many bytes a second, one by one; 0: no limit
  std::uint32_t bytes_a_second = 0;
};
struct HalfFrame {};  ///< the first half of a frame, and nothing after it on that connection
struct HugeFrame {    ///< an event of so many MiB in one frame
  std::uint32_t mebibytes = 17;
};
struct Fragments {  ///< a text in so many frames, with a ping between them
  std::uint32_t count = 0;
  std::string text;
};
struct InvalidUtf8 {};  ///< an event with a name in Latin-1, as a text frame
struct DeepJson {       ///< an event with arrays in arrays
  std::uint32_t depth = 5000;
};
struct PingFlood {
  std::uint32_t count = 10'000;
};
struct Upgrade {  ///< handshakes are answered by this instead; nothing: by WebSocket again
  std::optional<UpgradeAnswer> answer;
};
struct Rest {  ///< of each answer of the REST API
  RestFault kind = RestFault::none;
};
struct RefuseConnections {  ///< the port closes; connections that stand stay
  bool on = false;
};
struct Restart {  ///< connections are reset, the port is closed for a second, and tenants, queues and calls have other
                  ///< ids
};
struct ExpireCertificate {  ///< connections that come are shown a certificate whose time is over
  bool on = false;
};

}  // namespace fault

using Fault =
    std::variant<fault::Close, fault::Drop, fault::Silent, fault::StopReading, fault::AnswerDelay, fault::ForgetAnswers,
                 fault::RejectAuth, fault::Reject, fault::Allow, fault::Trickle, fault::HalfFrame, fault::HugeFrame,
                 fault::Fragments, fault::InvalidUtf8, fault::DeepJson, fault::PingFlood, fault::Upgrade, fault::Rest,
                 fault::RefuseConnections, fault::ExpireCertificate, fault::Restart>;

/// One row of the table of faults: how it is written, and what that means.
struct FaultKind {
  std::string_view name;
  std::string_view arguments;  ///< for people; empty: none
  std::string_view text;       ///< for people
  Result<Fault> (*parse)(std::string_view argument);
};

std::span<const FaultKind> fault_kinds();

/// Null where there is none of that name.
const FaultKind* find_fault(std::string_view name);

/// The table for people, a line for each.
std::string faults_text();

}  // namespace pbxbridge::sim
