#pragma once

#include "net/stream.hpp"
#include "url/endpoint.hpp"
#include "websocket/handshake.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>

namespace pbxbridge::sink {

/// MQTT over WebSocket as a stream like any other (MQTT 5.0, 6): what is written goes out as binary messages, whose
/// bounds mean nothing, and what is read are the payloads of those that come. `endpoint` and `headers` say what the
/// handshake asks for, `settings` what lies below. `on_bytes` must take all but the beginning of a packet.
std::shared_ptr<net::Stream> open_websocket_stream(const boost::asio::any_io_executor& executor,
                                                   net::StreamSettings settings, const url::Endpoint& endpoint,
                                                   websocket::Headers headers, net::StreamListener& listener);

}  // namespace pbxbridge::sink
