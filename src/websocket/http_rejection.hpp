#pragma once

// Explains an HTTP answer that comes in place of an accepted handshake. Sources: RFC 9110 (statuses, Retry-After,
// dates), RFC 6585 (429), RFC 6455 (section 4.2.2: which statuses a server may answer with).

#include "pbxbridge/error.hpp"
#include "pbxbridge/system_time.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace pbxbridge::websocket {

/// A server that asks for more is tried again after this time: while nothing is subscribed to, events are lost.
inline constexpr std::chrono::minutes longest_retry_after{5};

/// The parts of the answer that matter here; empty where they are missing. The server wrote them, so they may hold
/// anything.
struct HttpAnswer {
  unsigned status = 0;
  std::string_view location;
  std::string_view retry_after;
  std::string_view date;
  std::string_view upgrade;
  std::string_view versions;  ///< `Sec-WebSocket-Version`: those that the server speaks
};

/// Describes what happened and what the operator can do. The category is `rejected` where the client itself is not let
/// in (401, 403, 407), and `wait` is what Retry-After asks for.
Error http_rejection(const HttpAnswer& answer, SystemTime now);

/// Returns how long the value of Retry-After asks to wait, at most `longest_retry_after`; 0 where it asks for nothing.
/// A date counts from `date`, the server's own clock, or from `now` where that is not given.
std::chrono::milliseconds retry_after(std::string_view value, std::string_view date, SystemTime now);

/// Returns the target of a redirect, without credentials, query and fragment, printable and not long.
std::string shown_location(std::string_view location);

}  // namespace pbxbridge::websocket
