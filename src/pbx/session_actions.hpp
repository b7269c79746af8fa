#pragma once

#include "observe/log.hpp"
#include "pbx/session_status.hpp"
#include "pbxbridge/config/values.hpp"
#include "pbxbridge/system_time.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace pbxbridge::pbx {

enum class Timer : std::uint8_t {
  deadline,      ///< limit of an attempt: resolve, connect, TLS, handshake and auth together
  retry,         ///< until the next attempt
  ping,          ///< until the next ping
  peer_silence,  ///< runs from the last whole frame that came, not from when it was armed
  subscribe,     ///< for the answers to subscribes
  calm,          ///< until a connection counts as a good one
  farewell,      ///< for the answers to unsubscribes on a stop
};
inline constexpr std::size_t timer_count = 7;

enum class SessionCount : std::uint8_t { connection, reconnect, connection_failure, auth_rejection, event_too_large };

/// Actions that the session machine asks for.
namespace action {

/// Resolve, connect, TLS and handshake; ends in `connected` or `disconnected`.
struct Connect {};
struct SendText {
  std::string text;
};
struct SendPing {};
/// Send what is queued, then the closing handshake, a bounded time; ends in `disconnected`.
struct Close {};
/// Drop the connection or the attempt at once; nothing more is heard of it.
struct Abort {};
/// Arms it again where it runs.
struct ArmTimer {
  Timer timer;
  config::Duration after;
};
struct CancelTimer {
  Timer timer;
};
/// A frame that is an event, as it came.
struct HandOff {
  std::string_view message;  ///< lives as long as the frame that was passed in
  SystemTime received_at;
  std::uint32_t connection_epoch;
  bool is_snapshot = false;  ///< the PBX pushes it as its present state
};
struct WriteLog {
  observe::LogLine line;
  std::string failure = {};  ///< why there is no session, without what is done about it; empty: the line says none
};
struct CountUp {
  SessionCount what;
};
struct SetAuthenticated {
  bool authenticated;
  std::uint32_t connection_epoch;
};
/// Everything subscribed to comes, or no longer does: it comes once each subscription has its answer, or the time for
/// one is over.
struct SetSubscribed {
  bool subscribed;
};
/// The present state of the PBX is asked for once more, on the connection that stands: it comes from here on.
/// `answered`: each subscribe that asks for it has its answer.
struct SetSnapshotsAsked {
  bool answered;
};
struct SetSubscriptions {
  std::vector<SubscriptionStatus> subscriptions;  ///< when each came to its state is for whoever has a clock
};
/// The session is over.
struct Stopped {};

}  // namespace action

using Action =
    std::variant<action::Connect, action::SendText, action::SendPing, action::Close, action::Abort, action::ArmTimer,
                 action::CancelTimer, action::HandOff, action::WriteLog, action::CountUp, action::SetAuthenticated,
                 action::SetSubscribed, action::SetSnapshotsAsked, action::SetSubscriptions, action::Stopped>;
using Actions = std::vector<Action>;

}  // namespace pbxbridge::pbx
