// Stage from bytes of the network to messages.

#include "simulator/protocol/frame_buffer.hpp"
#include "stages/sample_events.hpp"
#include "stages/stage.hpp"
#include "websocket/client.hpp"
#include "websocket/handshake.hpp"

#include <fmt/format.h>

namespace pbxbridge::bench {
namespace {

using Kind = websocket::Client::Incoming::Kind;

void open(websocket::Client& client) {
  client.begin();
  const auto& request = client.output();
  constexpr std::string_view name = "Sec-WebSocket-Key: ";
  const auto begin = request.find(name) + name.size();
  const auto answer = fmt::format(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
      "{}\r\n\r\n",
      websocket::accept_value(request.substr(begin, request.find("\r\n", begin) - begin)));
  std::string_view bytes = answer;
  if (client.next(bytes).kind != Kind::opened) std::abort();
}

void frame(benchmark::State& state) {
  std::string frames;
  for (const auto& payload : sample_payloads()) sim::append_frame(frames, payload, sim::Opcode::text);
  websocket::Client client({.authority = "pbx", .target = "/wsi", .subprotocol = {}, .max_message_bytes = 1 << 20});
  open(client);
  for (auto _ : state) {
    std::string_view bytes = frames;
    std::size_t messages = 0;
    while (client.next(bytes).kind == Kind::text) ++messages;
    if (messages != sample_size) state.SkipWithError("not every frame was read");
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(sample_size));
}

const bool registered = register_stage("frame", frame);

}  // namespace
}  // namespace pbxbridge::bench
