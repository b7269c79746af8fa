#include "pbx/websocket_connection.hpp"

#include "pbx/drain_queue.hpp"
#include "pbx/readable.hpp"
#include "pbx/tcp_connector.hpp"
#include "pbx/tls_context.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <fmt/format.h>

#include <deque>
#include <type_traits>
#include <utility>

namespace pbxbridge::pbx {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using asio::ip::tcp;
using boost::system::error_code;

using PlainStream = websocket::stream<tcp::socket>;
using TlsStream = websocket::stream<asio::ssl::stream<tcp::socket>>;

constexpr std::chrono::milliseconds close_limit{1500};
constexpr std::size_t read_step_bytes = 16 * 1024;

std::string closed_by_peer(const websocket::close_reason& reason) {
  if (reason.code == websocket::close_code::none) return "it closed the connection without a code";
  const std::string words = readable({reason.reason.data(), reason.reason.size()});
  return fmt::format("it closed the connection with code {}{}", static_cast<unsigned>(reason.code),
                     words.empty() ? "" : fmt::format(" ({})", words));
}

std::string handshake_failure(const error_code& error, const websocket::response_type& response, bool is_tls) {
  if (error == websocket::error::upgrade_declined)
    return fmt::format("it answered the WebSocket handshake with HTTP status {}; look at the path in the URL",
                       response.result_int());
  return fmt::format("the WebSocket handshake failed: {}{}", error.message(), is_tls ? "" : " (is it wss:// there?)");
}

template <class Stream>
class Connection final : public WebSocketConnection, public std::enable_shared_from_this<Connection<Stream>> {
 public:
  static constexpr bool is_tls = std::is_same_v<Stream, TlsStream>;

  template <class... StreamArguments>
  Connection(asio::io_context& io, ConnectionSettings settings, ConnectionListener& listener,
             std::shared_ptr<asio::ssl::context> tls_context, StreamArguments&... stream_arguments)
      : settings_(std::move(settings)),
        listener_(&listener),
        tls_context_(std::move(tls_context)),
        stream_(io, stream_arguments...),
        completions_(std::make_shared<DrainQueue>(io)),
        close_timer_(io),
        connector_(std::make_shared<TcpConnector>(
            io, settings_.connect_timeout, [this](std::string phase) { progress(std::move(phase)); },
            [this](Result<tcp::socket> socket) { tcp_connected(std::move(socket)); })) {}

  ~Connection() override { connector_->abandon(); }

  void start() {
    asio::post(stream_.get_executor(), [self = this->shared_from_this()] {
      if (self->listener_ == nullptr) return;
      self->keep_while_connecting_ = self;
      const bool has_port = self->settings_.endpoint.port != 0;
      self->connector_->start(self->settings_.endpoint.host,
                              has_port ? self->settings_.endpoint.port : std::uint16_t{is_tls ? 443 : 80});
    });
  }

  void send(std::string text) override {
    if (closing_) return;
    outgoing_.push_back(std::move(text));
    if (outgoing_.size() == 1) write_next();
  }

  void ping() override {
    if (!open_ || closing_ || pinging_) return;
    pinging_ = true;
    stream_.async_ping({}, [self = this->shared_from_this()](const error_code&) { self->pinging_ = false; });
  }

  void close() override {
    if (closing_ || listener_ == nullptr) return;
    closing_ = true;
    close_timer_.expires_after(close_limit);
    close_timer_.async_wait([self = this->shared_from_this()](const error_code& error) {
      if (!error) self->finish("it did not answer the closing handshake");
    });
    if (outgoing_.empty()) begin_close();
  }

  void abort() override {
    listener_ = nullptr;
    release();
  }

  void pause_reading() override { reading_paused_ = true; }

  void resume_reading() override {
    if (!std::exchange(reading_paused_, false)) return;
    heard();
    completions_->run_later([self = this->shared_from_this()] { self->read(); });
  }

  std::chrono::steady_clock::time_point last_heard() const override {
    return reading_paused_ ? std::chrono::steady_clock::now() : last_heard_;
  }

 private:
  void progress(std::string phase) {
    if (listener_ != nullptr) listener_->on_progress(std::move(phase));
  }

  void tcp_connected(Result<tcp::socket> socket) {
    const auto self = std::exchange(keep_while_connecting_, nullptr);
    if (!socket) {
      finish(socket.error().text);
      return;
    }
    beast::get_lowest_layer(stream_) = std::move(socket.value());
    if constexpr (is_tls)
      tls_handshake();
    else
      websocket_handshake();
  }

  void tls_handshake() {
    if constexpr (is_tls) {
      progress("making TLS");
      SSL* connection = stream_.next_layer().native_handle();
      const std::string& name = server_name();
      if (const auto set = expect_server_name(connection, name, !settings_.tls.insecure_skip_verify); !set) {
        finish(set.error().text);
        return;
      }
      stream_.next_layer().async_handshake(asio::ssl::stream_base::client,
                                           [self = this->shared_from_this(), connection](const error_code& error) {
                                             if (error)
                                               self->finish(tls_failure(connection, error, self->server_name()));
                                             else
                                               self->websocket_handshake();
                                           });
    }
  }

  const std::string& server_name() const {
    return settings_.tls.server_name.empty() ? settings_.endpoint.host : settings_.tls.server_name;
  }

  void websocket_handshake() {
    if (listener_ == nullptr) return;
    progress("making the WebSocket handshake");
    // Limits of time are the session's: its deadline, its pings and its watch over the peer.
    stream_.set_option(
        websocket::stream_base::timeout{websocket::stream_base::none(), websocket::stream_base::none(), false});
    stream_.set_option(websocket::permessage_deflate{});
    stream_.set_option(websocket::stream_base::decorator(
        [](websocket::request_type& request) { request.set(beast::http::field::user_agent, "pbxbridge"); }));
    stream_.read_message_max(0);  // a message over our own limit is skipped instead of ending the connection
    stream_.control_callback([this](websocket::frame_type, beast::string_view) { heard(); });
    stream_.async_handshake(response_, url::authority(settings_.endpoint), settings_.endpoint.target,
                            [self = this->shared_from_this()](const error_code& error) { self->opened(error); });
  }

  void opened(const error_code& error) {
    if (error) {
      finish(handshake_failure(error, response_, is_tls));
      return;
    }
    if (listener_ == nullptr) return;
    open_ = true;
    stream_.text(true);
    heard();
    listener_->on_open();
    completions_->run([self = this->shared_from_this()] { self->read(); });
  }

  void heard() { last_heard_ = std::chrono::steady_clock::now(); }

  void read() {
    if (listener_ == nullptr || reading_paused_ || std::exchange(reading_, true)) return;
    stream_.async_read_some(
        buffer_.prepare(read_step_bytes),
        asio::bind_executor(completions_->executor(),
                            [self = this->shared_from_this()](const error_code& error, std::size_t size) {
                              self->received(error, size);
                            }));
  }

  void received(const error_code& error, std::size_t size) {
    reading_ = false;
    if (listener_ == nullptr) return;
    if (error) {
      // While closing, the closing handshake's own end is what counts.
      if (!closing_) finish(read_failure(error));
      return;
    }
    heard();
    buffer_.commit(size);
    message_bytes_ += size;
    if (message_bytes_ > settings_.max_message_bytes) buffer_.clear();
    if (stream_.is_message_done()) message_complete();
    read();
  }

  void message_complete() {
    const std::uint64_t size = std::exchange(message_bytes_, 0);
    if (size > settings_.max_message_bytes) {
      listener_->on_too_large(size);
    } else {
      const SystemTime now = std::chrono::system_clock::now();
      const auto bytes = buffer_.cdata();
      const std::string_view message(static_cast<const char*>(bytes.data()), bytes.size());
      if (stream_.got_text())
        listener_->on_text(message, now);
      else
        listener_->on_binary(message, now);
    }
    buffer_.clear();
  }

  std::string read_failure(const error_code& error) const {
    if (error == websocket::error::closed) return closed_by_peer(stream_.reason());
    if (error == websocket::error::bad_frame_payload) return "it sent a text message that is not valid UTF-8";
    if (error == asio::error::eof || error == asio::ssl::error::stream_truncated)
      return "it ended the connection without a closing handshake";
    return error.message();
  }

  void write_next() {
    stream_.async_write(asio::buffer(outgoing_.front()),
                        [self = this->shared_from_this()](const error_code& error, std::size_t) {
                          if (self->listener_ == nullptr) return;
                          if (error) return self->leave_the_end_to_the_read(error);
                          self->outgoing_.pop_front();
                          if (!self->outgoing_.empty())
                            self->write_next();
                          else if (self->closing_)
                            self->begin_close();
                        });
  }

  /// What the peer sent before it went can still be read, and the read knows better why it went.
  void leave_the_end_to_the_read(const error_code& failure) {
    close_timer_.expires_after(close_limit);
    close_timer_.async_wait([self = this->shared_from_this(), failure](const error_code& cancelled) {
      if (!cancelled) self->finish(self->read_failure(failure));
    });
  }

  void begin_close() {
    if (!open_) {
      asio::post(stream_.get_executor(), [self = this->shared_from_this()] { self->finish("it was not open yet"); });
      return;
    }
    stream_.async_close(websocket::close_code::normal,
                        [self = this->shared_from_this()](const error_code&) { self->finish("it was closed"); });
  }

  void finish(const std::string& reason) {
    ConnectionListener* listener = std::exchange(listener_, nullptr);
    if (listener == nullptr) return;
    release();
    listener->on_closed(reason);
  }

  void release() {
    connector_->abandon();
    close_timer_.cancel();
    error_code ignored;
    beast::get_lowest_layer(stream_).close(ignored);
    completions_->clear();
    keep_while_connecting_.reset();
  }

  const ConnectionSettings settings_;
  ConnectionListener* listener_;  // null once nothing more is to be told
  const std::shared_ptr<asio::ssl::context> tls_context_;
  Stream stream_;
  const std::shared_ptr<DrainQueue> completions_;  // of reads
  asio::steady_timer close_timer_;
  const std::shared_ptr<TcpConnector> connector_;
  std::shared_ptr<Connection> keep_while_connecting_;  // for the connector's handlers, which hold a plain `this`
  websocket::response_type response_;
  beast::flat_buffer buffer_;  // kept from message to message
  std::uint64_t message_bytes_ = 0;
  std::deque<std::string> outgoing_;  // the front one is being written
  std::chrono::steady_clock::time_point last_heard_ = std::chrono::steady_clock::now();
  bool open_ = false;
  bool reading_ = false;  // a read is under way
  bool reading_paused_ = false;
  bool pinging_ = false;
  bool closing_ = false;
};

/// For what is wrong before there is a stream.
class FailedConnection final : public WebSocketConnection, public std::enable_shared_from_this<FailedConnection> {
 public:
  FailedConnection(ConnectionListener& listener, std::string reason)
      : listener_(&listener), reason_(std::move(reason)) {}

  void start(asio::io_context& io) {
    asio::post(io, [self = shared_from_this()] {
      if (auto* listener = std::exchange(self->listener_, nullptr)) listener->on_closed(self->reason_);
    });
  }
  void send(std::string) override {}
  void ping() override {}
  void close() override {}
  void abort() override { listener_ = nullptr; }
  void pause_reading() override {}
  void resume_reading() override {}
  std::chrono::steady_clock::time_point last_heard() const override { return {}; }

 private:
  ConnectionListener* listener_;
  const std::string reason_;
};

}  // namespace

std::shared_ptr<WebSocketConnection> open_connection(asio::io_context& io, ConnectionSettings settings,
                                                     ConnectionListener& listener) {
  if (settings.endpoint.scheme != "wss") {
    auto connection = std::make_shared<Connection<PlainStream>>(io, std::move(settings), listener, nullptr);
    connection->start();
    return connection;
  }
  auto context = make_tls_context(settings.tls);
  if (!context) {
    auto failed = std::make_shared<FailedConnection>(listener, context.error().text);
    failed->start(io);
    return failed;
  }
  auto& tls_context = *context.value();
  auto connection =
      std::make_shared<Connection<TlsStream>>(io, std::move(settings), listener, context.value(), tls_context);
  connection->start();
  return connection;
}

}  // namespace pbxbridge::pbx
