#include "sink/mqtt/broker_stream.hpp"

#include "sink/mqtt/websocket_stream.hpp"
#include "text/secrets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace pbxbridge::sink {
namespace {

/// Anything else would end the line, and begin another header.
bool is_header_value(std::string_view value) {
  return std::ranges::all_of(value, [](char letter) {
    const auto byte = static_cast<unsigned char>(letter);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7F);
  });
}

}  // namespace

Result<websocket::Headers> http_headers(const WebSocketSettings& settings) {
  websocket::Headers headers;
  for (const auto& [name, secret] : settings.headers) {
    auto value = secret.read();
    if (!value) return value.error();
    if (!is_header_value(*value))
      return Error{ErrorCategory::configuration,
                   fmt::format("the value of websocket.headers {} has a character that HTTP does not allow", name)};
    // A broker may repeat it without the scheme before it ("Bearer").
    if (const auto space = value->find(' '); space != std::string::npos)
      text::remember_secret(std::string_view(*value).substr(space + 1));
    headers.emplace_back(name, std::move(*value));
  }
  return headers;
}

net::StreamSettings broker_stream_settings(const MqttSettings& settings) {
  const url::Endpoint endpoint = settings.endpoint();
  return {.host = endpoint.host,
          .port = endpoint.port,
          .uses_tls = settings.uses_tls(),
          .tls = settings.tls,
          .connect_timeout = settings.connect_timeout,
          .stall_limit = settings.ack_timeout};
}

std::shared_ptr<net::Stream> open_broker_stream(const boost::asio::any_io_executor& executor,
                                                const MqttSettings& settings, websocket::Headers headers,
                                                net::StreamListener& listener) {
  net::StreamSettings stream = broker_stream_settings(settings);
  if (settings.uses_websocket())
    return open_websocket_stream(executor, std::move(stream), settings.endpoint(), std::move(headers), listener);
  return net::open_stream(executor, std::move(stream), listener);
}

}  // namespace pbxbridge::sink
