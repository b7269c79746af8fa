#include "sink/mqtt/websocket_stream.hpp"

#include "websocket/client.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

namespace pbxbridge::sink {
namespace {

using Incoming = websocket::Client::Incoming;

/// Far above what a broker sends to a client that subscribes to nothing.
constexpr std::uint64_t max_message_bytes = 1024 * 1024;

std::string closed_by_peer(const Incoming& close) {
  if (close.close_code == 0) return "it closed the connection without a code";
  return fmt::format("it closed the connection with code {}", close.close_code);
}

class WebSocketStream final : public net::Stream,
                              public net::StreamListener,
                              public std::enable_shared_from_this<WebSocketStream> {
 public:
  WebSocketStream(const url::Endpoint& endpoint, websocket::Headers headers, net::StreamListener& listener)
      : listener_(&listener),
        protocol_({.authority = url::authority(endpoint),
                   .target = endpoint.target,
                   .subprotocol = "mqtt",
                   .max_message_bytes = max_message_bytes,
                   .headers = std::move(headers)}) {}

  ~WebSocketStream() override {
    if (stream_) stream_->abort();
  }

  void start(const boost::asio::any_io_executor& executor, net::StreamSettings settings) {
    uses_tls_ = settings.uses_tls;
    stream_ = net::open_stream(executor, std::move(settings), *this);
  }

  void write(std::string_view bytes) override {
    protocol_.send_binary(bytes);
    flush();
  }
  std::size_t unwritten() const override { return stream_->unwritten(); }
  void pause_reading() override { stream_->pause_reading(); }
  void resume_reading() override { stream_->resume_reading(); }
  void gather(std::size_t bytes) override { stream_->gather(bytes); }
  void close() override {
    listener_ = nullptr;
    protocol_.close();
    flush();
    std::exchange(stream_, nullptr)->close();  // it lives on until all is sent
  }
  void abort() override {
    listener_ = nullptr;
    if (stream_) stream_->abort();
  }

 private:
  void on_progress(std::string phase) override { listener_->on_progress(std::move(phase)); }

  void on_open() override {
    in_handshake_ = true;
    listener_->on_progress("making the WebSocket handshake");
    protocol_.begin();
    flush();
  }

  std::size_t on_bytes(std::string_view bytes) override {
    const auto self = shared_from_this();
    std::string_view rest = bytes;
    while (listener_ != nullptr) {
      const Incoming incoming = protocol_.next(rest);
      if (incoming.kind == Incoming::Kind::nothing) break;
      take(incoming);
    }
    if (listener_ != nullptr) flush();
    return bytes.size() - rest.size();
  }

  void on_written() override {
    if (!in_handshake_) listener_->on_written();
  }

  void on_closed(const Error& error) override {
    if (!in_handshake_) return tell_end(error);
    tell_end({error.category, fmt::format("the WebSocket handshake failed: {}{}", error.text,
                                          uses_tls_ ? "" : " (is it wss:// there?)")});
  }

  void take(const Incoming& incoming) {
    switch (incoming.kind) {
      case Incoming::Kind::opened:
        in_handshake_ = false;
        return listener_->on_open();
      case Incoming::Kind::binary:
        return take_message(incoming.message);
      case Incoming::Kind::text:
        return finish("it sent a text message, and MQTT has binary ones only");
      case Incoming::Kind::too_large:
        return finish(fmt::format("it sent a WebSocket message of {} bytes", incoming.size));
      case Incoming::Kind::closed:
        return finish(Error{.category = ErrorCategory::network,
                            .text = closed_by_peer(incoming),
                            .hung_up_at = std::chrono::steady_clock::now()});
      case Incoming::Kind::failed:
        return finish(Error{.category = incoming.category,
                            .text = incoming.detail,
                            .wait = incoming.wait,
                            .account_rejected = incoming.category == ErrorCategory::rejected});  // HTTP's 401 and 403
      case Incoming::Kind::control:
      case Incoming::Kind::nothing:
        return;
    }
  }

  /// A packet may begin in one message and end in another.
  void take_message(std::string_view message) {
    if (beginning_.empty()) {
      const std::size_t taken = listener_->on_bytes(message);
      beginning_ = message.substr(taken);
      return;
    }
    beginning_ += message;
    beginning_.erase(0, listener_->on_bytes(beginning_));
  }

  void flush() {
    if (protocol_.output().empty()) return;
    stream_->write(protocol_.output());
    protocol_.output().clear();
  }

  void finish(std::string reason) { finish(Error{ErrorCategory::network, std::move(reason)}); }

  void finish(const Error& error) {
    flush();
    stream_->close();
    tell_end(error);
  }

  void tell_end(const Error& error) { std::exchange(listener_, nullptr)->on_closed(error); }

  net::StreamListener* listener_;  // null once nothing more is to be reported
  websocket::Client protocol_;
  std::shared_ptr<net::Stream> stream_;
  bool uses_tls_ = false;
  bool in_handshake_ = false;
  std::string beginning_;  // begin of a packet whose end has not come yet
};

}  // namespace

std::shared_ptr<net::Stream> open_websocket_stream(const boost::asio::any_io_executor& executor,
                                                   net::StreamSettings settings, const url::Endpoint& endpoint,
                                                   websocket::Headers headers, net::StreamListener& listener) {
  auto stream = std::make_shared<WebSocketStream>(endpoint, std::move(headers), listener);
  stream->start(executor, std::move(settings));
  return stream;
}

}  // namespace pbxbridge::sink
