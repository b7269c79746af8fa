// Bytes of a peer, from the answer to the handshake on. The first byte says how they come: with a handshake that is
// accepted before them or with one of their own, to a client that is strict about UTF-8 or not, and in pieces of which
// size.

#include "fuzz/check.hpp"
#include "fuzz/unicode.hpp"
#include "websocket/client.hpp"
#include "websocket/handshake.hpp"

#include <algorithm>
#include <string>
#include <vector>

using pbxbridge::fuzz::check;
namespace websocket = pbxbridge::websocket;

namespace {

using Kind = websocket::Client::Incoming::Kind;

constexpr std::uint64_t max_message_bytes = 300;

/// The answer that a server gives to the client's own key.
std::string accepting(const std::string& request) {
  constexpr std::string_view name = "Sec-WebSocket-Key: ";
  const std::string key = request.substr(request.find(name) + name.size(), 24);
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
         websocket::accept_value(key) + "\r\n\r\n";
}

struct Told {
  Kind kind;
  std::string message;
  std::uint64_t size;
  std::uint16_t close_code;
  bool operator==(const Told&) const = default;
};

struct Manner {
  bool handshake_is_accepted;
  bool strict_utf8;
};

void check_incoming(const websocket::Client::Incoming& incoming, bool strict_utf8) {
  check(incoming.message.size() <= max_message_bytes, "no message is over the limit");
  if (incoming.kind == Kind::too_large) check(incoming.size > max_message_bytes, "what was skipped is over the limit");
  if (strict_utf8 && (incoming.kind == Kind::text || incoming.kind == Kind::closed))
    check(pbxbridge::fuzz::is_utf8(incoming.message), "texts are UTF-8 where that is asked for");
  check(incoming.wait.count() >= 0, "nobody is asked to wait backwards");
  if (incoming.kind == Kind::failed) check(!incoming.detail.empty(), "a failure says what it is");
}

/// RFC 6455, section 5.2: every frame of a client is masked, and its control frames are whole and short.
void check_frames(std::string_view sent) {
  bool closed = false;
  while (!sent.empty()) {
    check(!closed, "nothing follows a close frame");
    check(sent.size() >= 6, "a frame has a header and a mask");
    const unsigned first = static_cast<unsigned char>(sent[0]);
    const unsigned second = static_cast<unsigned char>(sent[1]);
    check((first & 0xf0U) == 0x80U && (second & 0x80U) != 0, "a frame is whole and masked");
    check((first & 0x0fU) == 8 || (first & 0x0fU) == 10, "only control frames answer what came");
    const std::size_t payload = second & 0x7fU;
    check(payload <= 125 && sent.size() >= 6 + payload, "a control frame is short and complete");
    closed = (first & 0x0fU) == 8;
    sent.remove_prefix(6 + payload);
  }
}

std::vector<Told> read(Manner manner, std::string_view bytes, std::size_t piece) {
  websocket::Client client({.authority = "pbx",
                            .target = "/wsi",
                            .subprotocol = "",
                            .max_message_bytes = max_message_bytes,
                            .strict_utf8 = manner.strict_utf8});
  client.begin();
  std::string unread = manner.handshake_is_accepted ? accepting(client.output()) : std::string();
  client.output().clear();

  std::vector<Told> told;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    unread += bytes.substr(at, piece);
    std::string_view rest = unread;
    while (true) {
      const auto incoming = client.next(rest);
      if (incoming.kind == Kind::nothing) break;
      check(told.empty() || (told.back().kind != Kind::failed && told.back().kind != Kind::closed),
            "nothing follows an end");
      check_incoming(incoming, manner.strict_utf8);
      told.push_back({incoming.kind, std::string(incoming.message), incoming.size, incoming.close_code});
      check(told.size() <= bytes.size() + 1, "each that is told took bytes");
    }
    unread.erase(0, unread.size() - rest.size());
  }
  check_frames(client.output());
  return told;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Manner manner{(data[0] & 1U) != 0, (data[0] & 2U) != 0};
  const std::size_t piece = 1 + (data[0] >> 2U);
  const std::string_view bytes = pbxbridge::fuzz::text_of(data + 1, size - 1);
  check(read(manner, bytes, piece) == read(manner, bytes, size + 1000),
        "bytes mean the same in whatever pieces they come");
  return 0;
}
