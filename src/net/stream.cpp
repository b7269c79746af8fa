#include "net/stream.hpp"

#include "net/receive_buffer.hpp"
#include "net/tcp_connector.hpp"
#include "net/tls_context.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <type_traits>
#include <utility>

namespace pbxbridge::net {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

using TlsStream = asio::ssl::stream<tcp::socket>;

/// A peer that makes us answer and does not read the answers is not read any further. Above what anyone here sends by
/// itself without looking at `unwritten`.
constexpr std::size_t most_unwritten = 4 * 1024 * 1024;

/// Time for steps of a close that depend on a peer which may be gone.
constexpr std::chrono::milliseconds farewell_limit{1500};

bool ends_without_a_word(const error_code& error) {
  return error == asio::error::eof || error == asio::ssl::error::stream_truncated;
}

template <class Layer>
class Connection final : public Stream, public std::enable_shared_from_this<Connection<Layer>> {
 public:
  static constexpr bool is_tls = std::is_same_v<Layer, TlsStream>;

  template <class... LayerArguments>
  Connection(const asio::any_io_executor& executor, StreamSettings settings, StreamListener& listener,
             std::shared_ptr<asio::ssl::context> tls_context, LayerArguments&... layer_arguments)
      : settings_(std::move(settings)),
        listener_(&listener),
        tls_context_(std::move(tls_context)),
        layer_(executor, layer_arguments...),
        farewell_timer_(executor),
        stall_timer_(executor),
        connector_(std::make_shared<TcpConnector>(
            executor, settings_.connect_timeout, [this](std::string phase) { progress(std::move(phase)); },
            [this](Result<tcp::socket> socket) { tcp_connected(std::move(socket)); })) {}

  ~Connection() override { connector_->abandon(); }

  void start() {
    post([](Connection& self) {
      self.keep_while_connecting_ = self.shared_from_this();
      self.connector_->start(self.settings_.host, self.settings_.port);
    });
  }

  void write(std::string_view bytes) override {
    if (listener_ == nullptr || write_failure_) return;
    filling_ += bytes;
    if (writing_ || write_posted_) return;
    write_posted_ = true;
    post([](Connection& self) {
      self.write_posted_ = false;
      self.write_next();
    });
  }

  std::size_t unwritten() const override { return filling_.size() + (writing_ ? sending_.size() : 0); }

  void pause_reading() override { reading_paused_ = true; }

  void resume_reading() override {
    if (!std::exchange(reading_paused_, false)) return;
    if (write_failure_) end_within_limit();
    post([](Connection& self) { self.offer_and_read(); });
  }

  /// Below that mark the kernel wakes nobody: a wake-up for each small packet costs its sender more than the packet.
  void gather(std::size_t bytes) override {
    if (!open_ || bytes == gathered_bytes_) return;
    gathered_bytes_ = bytes;
    error_code ignored;
    socket().set_option(asio::socket_base::receive_low_watermark(static_cast<int>(bytes)), ignored);
  }

  void close() override {
    listener_ = nullptr;
    connector_->abandon();
    if (!open_) return release();
    closing_ = true;
    end_within_limit();
    reading_paused_ = false;
    read();
    if (!writing_) write_next();
  }

  void abort() override {
    listener_ = nullptr;
    release();
  }

 private:
  /// Runs it from the io loop, unless nobody listens any more.
  template <class Function>
  void post(Function function) {
    asio::post(layer_.get_executor(), [self = this->shared_from_this(), function] {
      if (self->listener_ != nullptr) function(*self);
    });
  }

  void progress(std::string phase) {
    if (listener_ != nullptr) listener_->on_progress(std::move(phase));
  }

  tcp::socket& socket() {
    if constexpr (is_tls)
      return layer_.next_layer();
    else
      return layer_;
  }

  void tcp_connected(Result<tcp::socket> connected) {
    const auto self = std::exchange(keep_while_connecting_, nullptr);
    if (!connected) return finish(connected.error());
    socket() = std::move(connected.value());
    if constexpr (is_tls)
      tls_handshake();
    else
      opened();
  }

  void tls_handshake() {
    if constexpr (is_tls) {
      progress("making TLS");
      SSL* connection = layer_.native_handle();
      const std::string& name = settings_.tls.server_name.empty() ? settings_.host : settings_.tls.server_name;
      if (const auto set = expect_server_name(connection, name, !settings_.tls.insecure_skip_verify); !set)
        return finish(set.error());
      layer_.async_handshake(asio::ssl::stream_base::client,
                             [self = this->shared_from_this(), connection, name](const error_code& error) {
                               if (self->listener_ == nullptr) return;
                               if (error)
                                 self->finish({ErrorCategory::tls, tls_failure(connection, error, name)});
                               else
                                 self->opened();
                             });
    }
  }

  void opened() {
    if (listener_ == nullptr) return;
    open_ = true;
    if (settings_.stall_limit > peer_silence_limit) watch_for_stalls();
    listener_->on_open();
    write_next();
    offer_and_read();
  }

  void watch_for_stalls() {
    stall_timer_.expires_after(peer_silence_limit / 4);
    stall_timer_.async_wait([weak = this->weak_from_this()](const error_code& cancelled) {
      const auto self = weak.lock();
      if (cancelled || !self || !self->socket().is_open()) return;
      tolerate_stalled_program(self->socket().native_handle(), self->settings_.stall_limit);
      self->watch_for_stalls();
    });
  }

  void offer_and_read() {
    // The listener may have left bytes for want of more, or because it paused.
    while (listener_ != nullptr && !reading_paused_ && !received_.unread().empty()) {
      const std::size_t taken = listener_->on_bytes(received_.unread());
      received_.take(taken);
      if (taken == 0) break;
    }
    read();
  }

  void read() {
    if (!is_wanted() || !open_ || reading_paused_ || unwritten() > most_unwritten) return;
    if (std::exchange(reading_, true)) return;
    received_.shrink_when_empty();
    layer_.async_read_some(
        received_.prepare(),
        [self = this->shared_from_this()](const error_code& error, std::size_t size) { self->received(error, size); });
  }

  void received(const error_code& error, std::size_t size) {
    reading_ = false;
    if (!is_wanted()) return;
    if (error) return closing_ ? release() : finish(failure(error));
    if (closing_) return read();  // unread bytes would turn the end of the connection into a reset
    received_.add(size);
    if constexpr (is_tls) take_decrypted();
    offer_and_read();
  }

  /// One read gives one TLS record, and a peer may put each small message into one of its own: those that came with it
  /// are taken without going through the io loop for each. Errors are the next read's to report.
  void take_decrypted() {
    if constexpr (is_tls) {
      const auto buffer = received_.prepare();
      std::size_t taken = 0;
      for (int size = 1; size > 0 && taken < buffer.size();) {
        size = SSL_read(layer_.native_handle(), static_cast<char*>(buffer.data()) + taken,
                        static_cast<int>(buffer.size() - taken));
        if (size > 0) taken += static_cast<std::size_t>(size);
      }
      ERR_clear_error();
      received_.add(taken);
    }
  }

  static Error failure(const error_code& error) {
    const bool without_a_word = ends_without_a_word(error);
    const bool by_peer = without_a_word || error == asio::error::connection_reset || error == asio::error::broken_pipe;
    return {.category = ErrorCategory::network,
            .text = without_a_word ? "it ended the connection without a word" : error.message(),
            .hung_up_at = by_peer ? std::optional(std::chrono::steady_clock::now()) : std::nullopt};
  }

  void write_next() {
    if (!is_wanted() || !open_ || writing_) return;
    if (filling_.empty()) return closing_ ? say_farewell() : void();
    writing_ = true;
    sending_.clear();
    std::swap(filling_, sending_);
    asio::async_write(layer_, asio::buffer(sending_),
                      [self = this->shared_from_this()](const error_code& error, std::size_t) { self->wrote(error); });
  }

  void wrote(const error_code& error) {
    writing_ = false;
    if (!is_wanted()) return;
    if (error) {
      leave_the_end_to_the_read(error);
    } else if (closing_ || !filling_.empty()) {
      write_next();
    } else {
      listener_->on_written();
    }
    read();  // it may have waited for this
  }

  void say_farewell() {
    if constexpr (is_tls) {
      layer_.async_shutdown([self = this->shared_from_this()](const error_code&) { self->release(); });
    } else {
      error_code ignored;
      layer_.shutdown(tcp::socket::shutdown_send, ignored);
    }
  }

  /// Bytes that the peer sent before it went can still be read, and the read knows better why it went. While reading is
  /// paused that has time.
  void leave_the_end_to_the_read(const error_code& failure) {
    write_failure_ = failure;
    filling_.clear();
    if (!reading_paused_) end_within_limit();
  }

  void end_within_limit() {
    farewell_timer_.expires_after(farewell_limit);
    farewell_timer_.async_wait([self = this->shared_from_this()](const error_code& cancelled) {
      if (cancelled) return;
      if (self->closing_)
        self->release();
      else
        self->finish(failure(self->write_failure_));
    });
  }

  bool is_wanted() const { return listener_ != nullptr || closing_; }

  void finish(const Error& error) {
    StreamListener* listener = std::exchange(listener_, nullptr);
    if (listener == nullptr) return;
    release();
    listener->on_closed(error);
  }

  void release() {
    closing_ = false;
    connector_->abandon();
    farewell_timer_.cancel();
    stall_timer_.cancel();
    error_code ignored;
    socket().close(ignored);
    keep_while_connecting_.reset();
  }

  const StreamSettings settings_;
  StreamListener* listener_;  // null once nothing more is to be reported
  const std::shared_ptr<asio::ssl::context> tls_context_;
  Layer layer_;
  asio::steady_timer farewell_timer_;
  asio::steady_timer stall_timer_;
  const std::shared_ptr<TcpConnector> connector_;
  std::shared_ptr<Connection> keep_while_connecting_;  // for the connector's handlers, which hold a plain `this`
  ReceiveBuffer received_;
  std::string filling_;  // goes out with the next write
  std::string sending_;  // goes out now, while `writing_`
  std::size_t gathered_bytes_ = 1;
  bool open_ = false;
  bool reading_ = false;  // a read is under way
  bool reading_paused_ = false;
  bool writing_ = false;
  bool write_posted_ = false;
  bool closing_ = false;
  error_code write_failure_;
};

/// Reports what is wrong before there is a stream.
class FailedStream final : public Stream, public std::enable_shared_from_this<FailedStream> {
 public:
  FailedStream(StreamListener& listener, Error error) : listener_(&listener), error_(std::move(error)) {}

  void start(const asio::any_io_executor& executor) {
    asio::post(executor, [self = shared_from_this()] {
      if (auto* listener = std::exchange(self->listener_, nullptr)) listener->on_closed(self->error_);
    });
  }
  void write(std::string_view) override {}
  std::size_t unwritten() const override { return 0; }
  void pause_reading() override {}
  void resume_reading() override {}
  void gather(std::size_t) override {}
  void close() override { abort(); }
  void abort() override { listener_ = nullptr; }

 private:
  StreamListener* listener_;
  const Error error_;
};

template <class Layer, class... LayerArguments>
std::shared_ptr<Stream> start(const asio::any_io_executor& executor, StreamSettings settings, StreamListener& listener,
                              std::shared_ptr<asio::ssl::context> tls_context, LayerArguments&... layer_arguments) {
  auto connection = std::make_shared<Connection<Layer>>(executor, std::move(settings), listener, std::move(tls_context),
                                                        layer_arguments...);
  connection->start();
  return connection;
}

}  // namespace

std::shared_ptr<Stream> open_stream(const asio::any_io_executor& executor, StreamSettings settings,
                                    StreamListener& listener) {
  if (!settings.uses_tls) return start<tcp::socket>(executor, std::move(settings), listener, nullptr);
  auto context = make_tls_context(settings.tls);
  if (!context) {
    auto failed = std::make_shared<FailedStream>(listener, context.error());
    failed->start(executor);
    return failed;
  }
  const auto tls_context = context.value();
  return start<TlsStream>(executor, std::move(settings), listener, tls_context, *tls_context);
}

}  // namespace pbxbridge::net
