#pragma once

// The opening handshake of RFC 6455, section 4, from the client's side.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::websocket {

/// 16 random bytes in Base64 (section 4.1).
std::string make_key();

/// What a server must answer to the key (section 4.2.2).
std::string accept_value(std::string_view key);

struct HandshakeRequest {
  std::string authority;    ///< `Host`
  std::string target;       ///< path and query
  std::string subprotocol;  ///< empty: none
};

std::string handshake_request(const HandshakeRequest& request, std::string_view key);

/// Of what `answer` begins with.
struct HandshakeAnswer {
  std::size_t size_bytes = 0;  ///< what comes behind is frames
  std::string wrong;           ///< a clause; empty where the handshake was accepted
};

/// Nothing: more bytes are needed.
std::optional<HandshakeAnswer> read_handshake_answer(std::string_view answer, std::string_view key,
                                                     std::string_view subprotocol);

}  // namespace pbxbridge::websocket
