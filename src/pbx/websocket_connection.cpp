#include "pbx/websocket_connection.hpp"

#include "net/stream.hpp"
#include "text/log_text.hpp"
#include "websocket/client.hpp"
#include "websocket/frame.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>

#include <optional>
#include <utility>

namespace pbxbridge::pbx {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using Incoming = websocket::Client::Incoming;

constexpr std::chrono::milliseconds close_limit{1500};
constexpr std::size_t longest_words = 200;

net::StreamSettings stream_settings(const ConnectionSettings& settings) {
  const bool uses_tls = settings.endpoint.scheme == "wss";
  const std::uint16_t default_port = uses_tls ? 443 : 80;
  return {.host = settings.endpoint.host,
          .port = settings.endpoint.port != 0 ? settings.endpoint.port : default_port,
          .uses_tls = uses_tls,
          .tls = settings.tls,
          .connect_timeout = settings.connect_timeout};
}

/// A close frame has room for no more words; a peer that cuts them may leave out the bytes of a whole character.
text::Ending ending_of(std::string_view close_reason) {
  constexpr std::size_t most_words = websocket::max_control_bytes - sizeof(websocket::CloseCode);
  constexpr std::size_t longest_character = 4;
  return close_reason.size() + longest_character > most_words ? text::Ending::cut_off : text::Ending::not_known;
}

std::string closed_by_peer(const Incoming& close) {
  if (close.close_code == 0) return "it closed the connection without a code";
  const std::string words = text::log_text(close.message, longest_words, ending_of(close.message));
  return fmt::format("it closed the connection with code {}{}", close.close_code,
                     words.empty() ? "" : fmt::format(" ({})", words));
}

class Connection final : public WebSocketConnection,
                         public net::StreamListener,
                         public std::enable_shared_from_this<Connection> {
 public:
  Connection(asio::io_context& io, const ConnectionSettings& settings, ConnectionListener& listener)
      : io_(io),
        settings_(stream_settings(settings)),
        listener_(&listener),
        protocol_({.authority = url::authority(settings.endpoint),
                   .target = settings.endpoint.target,
                   .max_message_bytes = settings.max_message_bytes,
                   .strict_utf8 = settings.strict_utf8}),
        message_timeout_(settings.message_timeout),
        close_timer_(io) {}

  ~Connection() override {
    if (stream_) stream_->abort();
  }

  void start() { stream_ = net::open_stream(io_.get_executor(), settings_, *this); }

  void send(std::string text) override {
    protocol_.send_text(text);
    flush();
  }

  void ping() override {
    protocol_.ping();
    flush();
  }

  void close() override {
    if (closing_ || listener_ == nullptr) return;
    closing_ = true;
    close_timer_.expires_after(close_limit);
    close_timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (!error) self->finish("it did not answer the closing handshake");
    });
    if (!protocol_.is_open())
      return asio::post(io_, [self = shared_from_this()] { self->finish("it was not open yet"); });
    protocol_.close();
    flush();
  }

  void abort() override {
    listener_ = nullptr;
    release();
  }

  void pause_reading() override {
    reading_paused_ = true;
    stream_->pause_reading();
  }

  void resume_reading() override {
    reading_paused_ = false;
    last_heard_ = Clock::now();
    message_began_.reset();
    stream_->resume_reading();
  }

  Clock::time_point last_heard() const override { return reading_paused_ ? Clock::now() : last_heard_; }

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
    // One clock reading for what came with one read: it was all there at that moment.
    const SystemTime now = std::chrono::system_clock::now();
    const std::uint64_t frames = protocol_.frames();
    std::string_view rest = bytes;
    while (listener_ != nullptr && !reading_paused_) {
      const Incoming incoming = protocol_.next(rest);
      if (incoming.kind == Incoming::Kind::nothing) break;
      take(incoming, now);
    }
    flush();
    watch(frames);
    return bytes.size() - rest.size();
  }

  void on_written() override {}

  void on_closed(const Error& error) override {
    if (!in_handshake_) return finish(error);
    finish({error.category, "the WebSocket handshake failed: " + error.text + tls_hint()});
  }

  void take(const Incoming& incoming, SystemTime now) {
    switch (incoming.kind) {
      case Incoming::Kind::text:
        message_began_.reset();
        return listener_->on_text(incoming.message, now);
      case Incoming::Kind::binary:
        message_began_.reset();
        return listener_->on_binary(incoming.message, now);
      case Incoming::Kind::too_large:
        message_began_.reset();
        return listener_->on_too_large(incoming.size);
      case Incoming::Kind::opened:
        in_handshake_ = false;
        last_heard_ = Clock::now();
        return listener_->on_open();
      case Incoming::Kind::closed:
        return finish(closing_ ? "it was closed" : closed_by_peer(incoming));
      case Incoming::Kind::failed:
        return finish({incoming.category, incoming.detail, incoming.wait});
      case Incoming::Kind::control:
      case Incoming::Kind::nothing:
        return;
    }
  }

  /// A peer may send single bytes, or add to one message, for ever.
  void watch(std::uint64_t frames_before) {
    if (listener_ == nullptr) return;
    const auto now = Clock::now();
    if (protocol_.frames() != frames_before) last_heard_ = now;
    if (!protocol_.in_message()) return;
    if (!message_began_) message_began_ = now;
    if (now - *message_began_ > message_timeout_)
      finish(fmt::format("it has not ended a message in fragments within {:.3g} s",
                         std::chrono::duration<double>(message_timeout_).count()));
  }

  const char* tls_hint() const { return settings_.uses_tls ? "" : " (is it wss:// there?)"; }

  void flush() {
    if (protocol_.output().empty() || !stream_) return;
    stream_->write(protocol_.output());
    protocol_.output().clear();
  }

  void finish(std::string reason) { finish(Error{ErrorCategory::network, std::move(reason)}); }

  void finish(const Error& error) {
    ConnectionListener* listener = std::exchange(listener_, nullptr);
    if (listener == nullptr) return;
    flush();
    close_timer_.cancel();
    stream_->close();
    listener->on_closed(error);
  }

  void release() {
    close_timer_.cancel();
    stream_->abort();
  }

  asio::io_context& io_;
  const net::StreamSettings settings_;
  ConnectionListener* listener_;  // null once nothing more is to be reported
  websocket::Client protocol_;
  std::shared_ptr<net::Stream> stream_;
  const config::Duration message_timeout_;
  Clock::time_point last_heard_;
  std::optional<Clock::time_point> message_began_;  // of one in fragments
  asio::steady_timer close_timer_;
  bool in_handshake_ = false;  // of WebSocket
  bool reading_paused_ = false;
  bool closing_ = false;
};

}  // namespace

std::shared_ptr<WebSocketConnection> open_connection(asio::io_context& io, const ConnectionSettings& settings,
                                                     ConnectionListener& listener) {
  auto connection = std::make_shared<Connection>(io, settings, listener);
  connection->start();
  return connection;
}

}  // namespace pbxbridge::pbx
