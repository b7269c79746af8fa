#pragma once

#include "net/tls_config.hpp"
#include "pbxbridge/error.hpp"
#include "pbxbridge/event.hpp"
#include "url/endpoint.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace pbxbridge::pbx {

/// Hears of one connection; always from the io loop, never from within a call to the connection.
class ConnectionListener {
 public:
  virtual void on_progress(std::string phase) = 0;
  virtual void on_open() = 0;
  /// A complete message; valid for the call only. Text may hold any bytes, unless `strict_utf8` is set.
  virtual void on_text(std::string_view message, SystemTime received_at) = 0;
  virtual void on_binary(std::string_view message, SystemTime received_at) = 0;
  /// A message over `max_message_bytes` was skipped.
  virtual void on_too_large(std::uint64_t size_bytes) = 0;
  /// The attempt has failed or the connection is gone; once, and the last call. The text is a clause. The category is
  /// `rejected` where the server does not let this client in, and `wait` is what it asks for.
  virtual void on_closed(const Error& error) = 0;

 protected:
  ~ConnectionListener() = default;
};

struct ConnectionSettings {
  url::Endpoint endpoint;  ///< ws or wss
  net::TlsConfig tls;
  config::Duration connect_timeout{
      15'000};  ///< shared among the addresses; the attempt as a whole is the caller's to limit
  std::uint64_t max_message_bytes = 0;
  /// For a message in fragments, from its first to its last: nothing else can come meanwhile.
  config::Duration message_timeout{120'000};
  bool strict_utf8 = false;  ///< end the connection at a text message that is not UTF-8, as RFC 6455 wants it
};

/// One WebSocket connection as a client. Io thread only. It keeps itself alive while it has something under way;
/// `abort` it before the listener goes.
class WebSocketConnection {
 public:
  virtual ~WebSocketConnection() = default;

  /// Sends a text message after those before it.
  virtual void send(std::string text) = 0;
  virtual void ping() = 0;
  /// Sends what is queued, then the closing handshake, for 1.5 s at the most. `on_closed` follows.
  virtual void close() = 0;
  /// Ends it at once; the listener hears nothing more.
  virtual void abort() = 0;
  /// Nothing more is read, so that TCP makes the peer wait.
  virtual void pause_reading() = 0;
  /// The next message comes from the io loop, never from within this call.
  virtual void resume_reading() = 0;
  /// When the last whole frame came, as far as that is known: of a peer that is not read nothing can be heard. Bytes
  /// that complete nothing do not count.
  virtual std::chrono::steady_clock::time_point last_heard() const = 0;
};

/// Begins to connect. A setting that makes it impossible is reported by `on_closed` like any other failure.
std::shared_ptr<WebSocketConnection> open_connection(boost::asio::io_context& io, const ConnectionSettings& settings,
                                                     ConnectionListener& listener);

}  // namespace pbxbridge::pbx
