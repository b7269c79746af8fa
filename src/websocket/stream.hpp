#pragma once

#include "net/stream.hpp"
#include "pbxbridge/error.hpp"
#include "pbxbridge/system_time.hpp"
#include "websocket/client.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::websocket {

/// Hears of one stream; always from the io loop, never from within a call to the stream.
class StreamListener {
 public:
  /// Names the present step until the stream is open, as net::StreamListener's.
  virtual void on_progress(std::string phase) = 0;
  virtual void on_open() = 0;
  /// A complete message; valid for the call only. Text may hold any bytes, unless `strict_utf8` is set.
  virtual void on_text(std::string_view message, SystemTime received_at) = 0;
  virtual void on_binary(std::string_view message, SystemTime received_at) = 0;
  /// A message over `max_message_bytes` was skipped.
  virtual void on_too_large(std::uint64_t size_bytes) = 0;
  /// All that was sent is with the kernel.
  virtual void on_written() = 0;
  /// The attempt has failed or the connection is gone; once, and the last call. The text is a clause, and `peer_words`
  /// is the reason in the peer's close frame. The category is `rejected` where the server does not let this client in
  /// (HTTP's 401, 403 and 407), and `wait` is what it asks for.
  virtual void on_closed(const Error& error) = 0;

 protected:
  ~StreamListener() = default;
};

struct StreamSettings {
  net::StreamSettings connection;
  Client::Settings protocol;
  /// Time for a message in fragments, from its first to its last: nothing else can come meanwhile. Zero: no limit.
  std::chrono::milliseconds message_timeout{0};
};

/// One WebSocket connection as a client: joins `Client` and a net::Stream. Io thread only. It keeps itself alive while
/// it has something under way; `abort` it before the listener goes. Nothing but `abort` may be called once it has
/// ended, by `on_closed`, `close` or `abort`.
class Stream final : net::StreamListener, public std::enable_shared_from_this<Stream> {
 public:
  /// Begins to connect. A setting that makes it impossible is reported by `on_closed` like any other failure.
  static std::shared_ptr<Stream> open(const boost::asio::any_io_executor& executor, StreamSettings settings,
                                      websocket::StreamListener& listener);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// Sends after what was sent before.
  void send_text(std::string_view message);
  void send_binary(std::string_view message);
  void ping();
  /// Bytes that were sent and are not with the kernel yet.
  std::size_t unwritten() const { return stream_->unwritten(); }
  /// Does what net::Stream's does.
  void gather(std::size_t bytes) { stream_->gather(bytes); }

  /// Reads nothing more, so that TCP makes the peer wait.
  void pause_reading();
  /// The next message comes from the io loop, never from within this call.
  void resume_reading();
  /// Time at which the last whole frame came, as far as that is known: of a peer that is not read nothing can be heard.
  /// Bytes that complete nothing do not count.
  std::chrono::steady_clock::time_point last_heard() const;

  /// Sends what is queued, then the closing handshake, for 1.5 s at the most. `on_closed` follows.
  void start_closing_handshake();
  /// Sends what is queued and a close frame, and ends it. The listener hears nothing more.
  void close();
  /// Ends it at once; the listener hears nothing more.
  void abort();

 private:
  using Incoming = Client::Incoming;

  Stream(const boost::asio::any_io_executor& executor, StreamSettings settings, websocket::StreamListener& listener);

  void on_progress(std::string phase) override { listener_->on_progress(std::move(phase)); }
  void on_open() override;
  std::size_t on_bytes(std::string_view bytes) override;
  void on_written() override;
  void on_closed(const Error& error) override;

  void take(const Incoming& incoming, SystemTime now);
  void watch_peer(std::uint64_t frames_before);
  void flush();
  void finish(std::string reason) { finish(Error{ErrorCategory::network, std::move(reason)}); }
  void finish(const Error& error);
  void close_connection();
  void report_end(const Error& error);

  websocket::StreamListener* listener_;  // null once nothing more is to be reported
  Client protocol_;
  std::shared_ptr<net::Stream> stream_;  // null once it is left to itself
  const bool uses_tls_;
  const std::chrono::milliseconds message_timeout_;
  std::chrono::steady_clock::time_point last_heard_;
  std::optional<std::chrono::steady_clock::time_point> message_began_;  // of one in fragments
  boost::asio::steady_timer close_timer_;
  bool in_handshake_ = false;  // of WebSocket
  bool reading_paused_ = false;
  bool closing_ = false;
};

}  // namespace pbxbridge::websocket
