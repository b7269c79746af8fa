#include "simulator/server/connection.hpp"

#include "simulator/faults/upgrade_answer.hpp"
#include "simulator/server/gated_stream.hpp"

#include <boost/asio/ssl.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket.hpp>
#include <fmt/format.h>

#include <chrono>
#include <type_traits>

namespace pbxbridge::sim {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;
using tcp = asio::ip::tcp;

constexpr std::chrono::seconds tcp_end_patience(2);
constexpr std::size_t max_received_bytes = 16 * 1024 * 1024;

template <class Stream>
class WebSocketConnection final : public Connection, public std::enable_shared_from_this<WebSocketConnection<Stream>> {
 public:
  template <class... Arguments>
  explicit WebSocketConnection(std::string path, Arguments&&... arguments)
      : path_(std::move(path)),
        websocket_(std::forward<Arguments>(arguments)...),
        deadline_(websocket_.get_executor()) {}

  void start(ConnectionListener& listener) override {
    listener_ = &listener;
    gate().set_owner(this->weak_from_this());
    // The client has read everything: all that is left to wait for is its end of the TCP connection.
    gate().set_on_teardown([this] { end_after(tcp_end_patience); });
    websocket_.read_message_max(max_received_bytes);
    websocket_.control_callback([this](websocket::frame_type kind, boost::beast::string_view) {
      if (kind == websocket::frame_type::ping && listener_ != nullptr) listener_->pinged();
    });
    if constexpr (std::is_same_v<Stream, tcp::socket>)
      accept();
    else
      gate().next_layer().async_handshake(asio::ssl::stream_base::server,
                                          [self = this->shared_from_this()](auto error) {
                                            if (error)
                                              self->finish("TLS handshake: " + error.message());
                                            else
                                              self->accept();
                                          });
  }

  bool is_open() const override { return open_ && !gate().closing() && !gate().failed(); }

  void send(std::string_view payload, bool binary) override {
    if (is_open()) gate().put_frame(payload, binary);
  }

  void send_bytes(std::string_view bytes) override {
    if (is_open()) gate().put_bytes(bytes);
  }

  std::size_t unsent_bytes() const override { return gate().unsent_bytes(); }

  void close(std::uint16_t code, std::string_view reason, std::chrono::seconds patience) override {
    if (!open_) return drop(false);
    open_ = false;
    websocket_.async_close(
        websocket::close_reason(static_cast<websocket::close_code>(code),
                                boost::beast::string_view(reason.data(), reason.size())),
        [self = this->shared_from_this(), code](error_code) { self->finish(fmt::format("close {}", code)); });
    end_after(patience);
  }

  void drop(bool reset) override {
    open_ = false;
    error_code ignored;
    if (reset) {
      socket().set_option(asio::socket_base::linger(true, 0), ignored);
      close_socket();
    } else {
      // Closing with unread bytes would send RST: end our direction, and read on until the peer ends its own.
      socket().shutdown(tcp::socket::shutdown_send, ignored);
      end_after(tcp_end_patience);
    }
    asio::post(websocket_.get_executor(), [self = this->shared_from_this()] { self->tell_gone("dropped"); });
  }

  asio::any_io_executor executor() override { return websocket_.get_executor(); }

  void set_silent(bool on) override { gate().set_silent(on); }
  void mute() override { gate().mute(); }
  void set_bytes_a_second(std::uint32_t limit) override { gate().set_bytes_a_second(limit); }
  void set_reading(bool on) override { gate().set_reading(on); }

 private:
  GatedStream<Stream>& gate() { return websocket_.next_layer(); }
  const GatedStream<Stream>& gate() const { return websocket_.next_layer(); }
  tcp::socket& socket() { return boost::beast::get_lowest_layer(websocket_); }

  void accept() {
    http::async_read(gate(), received_, request_, [self = this->shared_from_this()](error_code error, std::size_t) {
      if (error) return self->finish("no WebSocket: " + error.message());
      if (self->listener_ == nullptr) return;
      if (const auto answer = self->listener_->answer(self->plain_request())) return self->send_answer(*answer);
      const auto target = self->request_.target();
      const auto rejection = self->listener_->upgrade_answer();
      if (!self->path_.empty() && target.substr(0, target.find('?')) != self->path_)
        self->reject(http_text({.status = 404}), "another path than " + self->path_);
      else if (!rejection.empty())
        self->reject(rejection, rejection.substr(0, rejection.find('\r')));
      else
        self->answer_handshake();
    });
  }

  HttpRequest plain_request() const {
    const auto text = [](boost::beast::string_view view) { return std::string(view.data(), view.size()); };
    return {text(request_.method_string()), text(request_.target()), text(request_[http::field::authorization]),
            request_.body()};
  }

  /// Another request may follow. Where the answer goes nowhere, the client waits for it on a connection that stands.
  void send_answer(const HttpAnswer& answer) {
    const auto response = std::make_shared<http::response<http::string_body>>(static_cast<http::status>(answer.status),
                                                                              request_.version(), answer.body);
    response->set(http::field::content_type, answer.content_type);
    for (const auto& [name, value] : answer.headers) response->set(name, value);
    response->keep_alive(request_.keep_alive());
    response->prepare_payload();
    http::async_write(gate(), *response, [self = this->shared_from_this(), response](error_code error, std::size_t) {
      if (error) return self->finish(error.message());
      if (!response->keep_alive() && !self->gate().says_nothing()) return self->finish("HTTP");
      self->request_ = {};
      self->accept();
    });
  }

  void reject(std::string answer, std::string reason) {
    const auto text = std::make_shared<std::string>(std::move(answer));
    asio::async_write(gate(), asio::buffer(*text),
                      [self = this->shared_from_this(), text, reason = std::move(reason)](error_code, std::size_t) {
                        self->finish("WebSocket handshake: " + reason);
                      });
  }

  void answer_handshake() {
    // A client may send its first frames before it has the answer.
    gate().put_back(boost::beast::buffers_to_string(received_.data()));
    received_.clear();
    websocket_.async_accept(request_, [self = this->shared_from_this()](error_code error) {
      if (error) return self->finish("WebSocket handshake: " + error.message());
      self->open_ = true;
      if (self->listener_ != nullptr) self->listener_->opened();
      self->read();
    });
  }

  /// Nobody else bounds the answers and snapshots that a client may ask for.
  void read_on() {
    gate().when_unsent_is_below(far_behind_bytes, [self = this->shared_from_this()] { self->read(); });
  }

  void read() {
    websocket_.async_read(received_, [self = this->shared_from_this()](error_code error, std::size_t) {
      if (error) return self->finish(self->end_reason(error));
      const auto data = self->received_.cdata();
      const std::string_view frame(static_cast<const char*>(data.data()), data.size());
      if (self->listener_ != nullptr) self->listener_->received(frame);
      self->received_.clear();
      self->read_on();
    });
  }

  std::string end_reason(const error_code& error) const {
    if (error != websocket::error::closed) return error.message();
    return fmt::format("close {}", websocket_.reason().code);
  }

  void finish(const std::string& reason) {
    open_ = false;
    deadline_.cancel();
    close_socket();
    tell_gone(reason);
  }

  /// Once. A dropped connection may read on a while after that, unheard.
  void tell_gone(const std::string& reason) {
    if (listener_ != nullptr) std::exchange(listener_, nullptr)->gone(reason);
  }

  void close_socket() {
    error_code ignored;
    socket().close(ignored);
    gate().release();
  }

  void end_after(std::chrono::seconds patience) {
    deadline_.expires_after(patience);
    deadline_.async_wait([self = this->shared_from_this()](error_code cancelled) {
      if (!cancelled) self->close_socket();
    });
  }

  const std::string path_;
  http::request<http::string_body> request_;
  websocket::stream<GatedStream<Stream>> websocket_;
  asio::steady_timer deadline_;
  boost::beast::flat_buffer received_;
  ConnectionListener* listener_ = nullptr;
  bool open_ = false;
};

}  // namespace

std::shared_ptr<Connection> make_connection(tcp::socket socket, asio::ssl::context* tls, std::string path) {
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  if (tls == nullptr) return std::make_shared<WebSocketConnection<tcp::socket>>(std::move(path), std::move(socket));
  return std::make_shared<WebSocketConnection<asio::ssl::stream<tcp::socket>>>(std::move(path), std::move(socket),
                                                                               *tls);
}

}  // namespace pbxbridge::sim
