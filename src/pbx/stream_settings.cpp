#include "pbx/stream_settings.hpp"

namespace pbxbridge::pbx {

namespace {

/// Time for a message in fragments, in multiples of `peer_timeout`.
constexpr int silences_for_a_message = 4;

}  // namespace

websocket::StreamSettings stream_settings(const config::PbxConfig& config, const url::Endpoint& endpoint) {
  const bool uses_tls = endpoint.scheme == "wss";
  const std::uint16_t default_port = uses_tls ? 443 : 80;
  return {.connection = {.host = endpoint.host,
                         .port = endpoint.port != 0 ? endpoint.port : default_port,
                         .uses_tls = uses_tls,
                         .tls = config.tls,
                         .connect_timeout = config.connect_timeout},
          .protocol = {.authority = url::authority(endpoint),
                       .target = endpoint.target,
                       .max_message_bytes = config.max_frame_size.bytes,
                       .strict_utf8 = config.strict_utf8},
          .message_timeout = silences_for_a_message * config.peer_timeout};
}

}  // namespace pbxbridge::pbx
