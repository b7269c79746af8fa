#pragma once

// The opening handshake of RFC 6455, section 4, from the client's side.

#include "pbxbridge/error.hpp"
#include "pbxbridge/system_time.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pbxbridge::websocket {

/// 16 random bytes in Base64 (section 4.1).
std::string make_key();

/// Value that a server must answer to the key (section 4.2.2).
std::string accept_value(std::string_view key);

/// Name and value of header fields, each fit for HTTP (RFC 9110, 5.5).
using Headers = std::vector<std::pair<std::string, std::string>>;

struct HandshakeRequest {
  std::string authority;    ///< `Host`
  std::string target;       ///< path and query
  std::string subprotocol;  ///< empty: none
  Headers headers = {};     ///< next to those that make the handshake
};

std::string handshake_request(const HandshakeRequest& request, std::string_view key);

/// Head of the server's answer.
struct HandshakeAnswer {
  std::size_t size_bytes = 0;      ///< frames come after it
  std::optional<Error> rejection;  ///< nothing where the handshake was accepted
};

/// Nothing: more bytes are needed. Interim answers (RFC 9110, section 15.2) are passed over, redirects are not
/// followed, and no body is read. `now` is for the dates in an answer.
std::optional<HandshakeAnswer> read_handshake_answer(std::string_view answer, std::string_view key,
                                                     std::string_view subprotocol, SystemTime now);

}  // namespace pbxbridge::websocket
