#pragma once

#include "net/stream.hpp"
#include "pbxbridge/error.hpp"
#include "sink/mqtt/mqtt_settings.hpp"
#include "websocket/handshake.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>

namespace pbxbridge::sink {

/// The headers of the settings for the WebSocket handshake, their secrets read now.
Result<websocket::Headers> http_headers(const WebSocketSettings& settings);

/// Returns where and how the broker of the settings is reached, up to TLS.
net::StreamSettings broker_stream_settings(const MqttSettings& settings);

/// Begins to connect to the broker of the settings: TCP, TLS where the URL says so, WebSocket with `headers` where it
/// says so.
std::shared_ptr<net::Stream> open_broker_stream(const boost::asio::any_io_executor& executor,
                                                const MqttSettings& settings, websocket::Headers headers,
                                                net::StreamListener& listener);

}  // namespace pbxbridge::sink
