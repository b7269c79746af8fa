#include "sink/mqtt/websocket_stream.hpp"

#include "websocket/stream.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

namespace pbxbridge::sink {
namespace {

/// Far above what a broker sends to a client that subscribes to nothing.
constexpr std::uint64_t max_message_bytes = 1024 * 1024;

class WebSocketStream final : public net::Stream,
                              websocket::StreamListener,
                              public std::enable_shared_from_this<WebSocketStream> {
 public:
  explicit WebSocketStream(net::StreamListener& listener) : listener_(&listener) {}

  ~WebSocketStream() override {
    if (stream_) stream_->abort();
  }

  void start(const boost::asio::any_io_executor& executor, websocket::StreamSettings settings) {
    stream_ = websocket::Stream::open(executor, std::move(settings), *this);
  }

  void write(std::string_view bytes) override { stream_->send_binary(bytes); }
  std::size_t unwritten() const override { return stream_->unwritten(); }
  void pause_reading() override { stream_->pause_reading(); }
  void resume_reading() override { stream_->resume_reading(); }
  void gather(std::size_t bytes) override { stream_->gather(bytes); }
  void close() override {
    listener_ = nullptr;
    stream_->close();
  }
  void abort() override {
    listener_ = nullptr;
    stream_->abort();
  }

 private:
  void on_progress(std::string phase) override { listener_->on_progress(std::move(phase)); }
  void on_open() override { listener_->on_open(); }
  void on_text(std::string_view, SystemTime) override {
    end({ErrorCategory::network, "it sent a text message, and MQTT has binary ones only"});
  }

  /// A packet may begin in one message and end in another.
  void on_binary(std::string_view message, SystemTime) override {
    const auto self = shared_from_this();
    if (beginning_.empty()) {
      const std::size_t taken = listener_->on_bytes(message);
      beginning_ = message.substr(taken);
      return;
    }
    beginning_ += message;
    beginning_.erase(0, listener_->on_bytes(beginning_));
  }

  void on_too_large(std::uint64_t size_bytes) override {
    end({ErrorCategory::network, fmt::format("it sent a WebSocket message of {} bytes", size_bytes)});
  }
  void on_written() override { listener_->on_written(); }
  void on_closed(const Error& error) override { std::exchange(listener_, nullptr)->on_closed(error); }

  void end(const Error& error) {
    stream_->close();
    on_closed(error);
  }

  net::StreamListener* listener_;  // null once nothing more is to be reported
  std::shared_ptr<websocket::Stream> stream_;
  std::string beginning_;  // begin of a packet whose end has not come yet
};

}  // namespace

std::shared_ptr<net::Stream> open_websocket_stream(const boost::asio::any_io_executor& executor,
                                                   net::StreamSettings settings, const url::Endpoint& endpoint,
                                                   websocket::Headers headers, net::StreamListener& listener) {
  auto stream = std::make_shared<WebSocketStream>(listener);
  stream->start(executor, {.connection = std::move(settings),
                           .protocol = {.authority = url::authority(endpoint),
                                        .target = endpoint.target,
                                        .subprotocol = "mqtt",
                                        .max_message_bytes = max_message_bytes,
                                        .headers = std::move(headers)}});
  return stream;
}

}  // namespace pbxbridge::sink
