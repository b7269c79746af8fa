#pragma once

#include "simulator/rest/http.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace boost::asio::ssl {
class context;
}

namespace pbxbridge::sim {

/// A client that has more than this unsent is far behind: nothing more is made for it before it has read on.
constexpr std::size_t far_behind_bytes = 4 * 1024 * 1024;

/// Hears what a connection does. Called on the io thread, never from within a call to the connection.
class ConnectionListener {
 public:
  virtual void opened() = 0;  ///< the WebSocket handshake is done
  virtual void received(std::string_view frame) = 0;
  virtual void pinged() = 0;
  /// The HTTP answer by which a handshake is rejected now; empty: it is accepted.
  virtual std::string upgrade_answer() = 0;
  /// Returns the answer to a request for no WebSocket; nothing: a handshake may follow from it.
  virtual std::optional<HttpAnswer> answer(const HttpRequest& request) = 0;
  virtual void gone(std::string_view reason) = 0;  ///< the last call

 protected:
  ~ConnectionListener() = default;
};

/// One accepted TCP connection and the WebSocket on it. Keeps itself alive while it runs. Io thread only.
class Connection {
 public:
  virtual ~Connection() = default;

  /// TLS and WebSocket handshake, then frames until the end. While the client is far behind, its next frame waits.
  /// `listener` must live until its `gone`.
  virtual void start(ConnectionListener& listener) = 0;

  /// True from `opened` until either side closes or drops, or a write fails.
  virtual bool is_open() const = 0;

  /// Does nothing while it is not open or silent.
  virtual void send(std::string_view payload, bool binary) = 0;
  /// The same with bytes of a WebSocket, which need not be whole frames.
  virtual void send_bytes(std::string_view bytes) = 0;
  virtual std::size_t unsent_bytes() const = 0;

  /// A WebSocket close behind everything sent so far. A client that has not answered it after `patience`, because it is
  /// slow to read what came before, loses what it has not read.
  virtual void close(std::uint16_t code, std::string_view reason, std::chrono::seconds patience) = 0;
  /// The end of the TCP connection at once, by RST or by FIN.
  virtual void drop(bool reset) = 0;

  virtual boost::asio::any_io_executor executor() = 0;

  virtual void set_silent(bool on) = 0;
  /// Silent from here on, for good.
  virtual void mute() = 0;
  /// Whatever goes out goes one byte after the other, so many a second; 0: no limit.
  virtual void set_bytes_a_second(std::uint32_t limit) = 0;
  virtual void set_reading(bool on) = 0;
};

/// `tls` null: ws; otherwise wss, and it must outlive the connection. `path`: the only one that is served; empty: any.
std::shared_ptr<Connection> make_connection(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context* tls,
                                            std::string path);

}  // namespace pbxbridge::sim
