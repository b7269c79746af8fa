#pragma once

#include "config/pbx_config.hpp"
#include "url/endpoint.hpp"
#include "websocket/stream.hpp"

namespace pbxbridge::pbx {

/// The WebSocket connection of a PBX account. `endpoint` is that of its URL.
websocket::StreamSettings stream_settings(const config::PbxConfig& config, const url::Endpoint& endpoint);

}  // namespace pbxbridge::pbx
