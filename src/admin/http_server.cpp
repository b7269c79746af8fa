#include "admin/http_server.hpp"

#include "admin/clients.hpp"
#include "admin/listen_address.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <utility>

namespace pbxbridge::admin {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;
using Clock = std::chrono::steady_clock;

// Probes of the same machine have a share of their own, which a crowd from elsewhere cannot take.
constexpr std::size_t max_remote_connections = 24;
constexpr std::size_t max_local_connections = 24;
constexpr std::size_t max_feeds = 256;
constexpr std::uint32_t max_header_bytes = 8 * 1024;
/// Time for a client that was rejected to end what it sends, and to read why.
constexpr std::chrono::seconds drain_time{1};

bool is_loopback(const asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).is_loopback();
  return address.is_loopback();
}

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

Request to_request(const http::request<http::empty_body>& message) {
  Request request{.method = view(message.method_string()),
                  .target = view(message.target()),
                  .hosts = {},
                  .authorization = view(message[http::field::authorization]),
                  .origin = view(message[http::field::origin])};
  const auto [begin, end] = message.equal_range(http::field::host);
  for (auto header = begin; header != end; ++header) request.hosts.push_back(view(header->value()));
  return in_origin_form(std::move(request));
}

/// Answers what is no request that is served; nothing where the client has gone or was too slow.
std::optional<Response> rejection(beast::error_code error, http::verb method) {
  constexpr const char* plain = "text/plain; charset=utf-8";
  if (error == http::error::header_limit || error == http::error::buffer_overflow)
    return Response{431, plain, fmt::format("the request has more than {} bytes\n", max_header_bytes)};
  if (error == http::error::body_limit) {
    if (method == http::verb::get || method == http::verb::head)
      return Response{413, plain, "a request has no body here\n"};
    return Response{405, plain, "only GET and HEAD\n", {{"Allow", "GET, HEAD"}}};
  }
  const bool is_malformed = error.category() == http::make_error_code(http::error::bad_method).category() &&
                            error != http::error::end_of_stream && error != http::error::partial_message;
  if (is_malformed) return Response{400, plain, "this is not an HTTP request\n"};
  return std::nullopt;
}

/// One client: reads requests and answers them until it goes or is too slow.
class Connection final : public Feed::Listener, public std::enable_shared_from_this<Connection> {
 public:
  using BecomesFeed = std::function<void(const std::shared_ptr<Connection>&)>;

  /// `becomes_feed` is called when its answer is to have no end.
  Connection(tcp::socket socket, const HttpServer::Handler& handler, HttpServer::Limits limits,
             BecomesFeed becomes_feed)
      : stream_(std::move(socket)), handler_(handler), limits_(limits), becomes_feed_(std::move(becomes_feed)) {}

  bool is_open() const override { return stream_.socket().is_open(); }
  bool is_idle() const { return idle_; }
  Clock::time_point since() const { return since_; }
  void close() { stream_.close(); }

  void read() {
    set_idle(true);
    parser_.emplace();
    parser_->header_limit(max_header_bytes);
    parser_->body_limit(0);
    stream_.expires_after(limits_.request);  // for all of it, however many reads it takes
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](beast::error_code error, std::size_t) { self->on_read(error); });
  }

 private:
  void on_read(beast::error_code error) {
    const auto& request = parser_->get();
    if (error) {
      if (auto answer = rejection(error, request.method())) reject(std::move(*answer));
      return;
    }
    set_idle(false);
    Response answer = handler_(to_request(request));
    if (answer.feed && request.method() == http::verb::get) return start_feed(answer);
    compose(std::move(answer));
    response_.version(request.version());
    response_.keep_alive(request.keep_alive());
    if (request.method() == http::verb::head) response_.body().clear();
    stream_.expires_after(limits_.answer);
    http::async_write(stream_, response_,
                      [self = shared_from_this()](beast::error_code failed, std::size_t) { self->on_written(failed); });
  }

  void compose(Response&& answer) {
    response_ = {};
    response_.result(answer.status);
    response_.set(http::field::content_type, answer.content_type);
    for (const auto& [name, value] : security_headers()) response_.set(name, value);
    for (const auto& [name, value] : answer.headers) response_.set(name, value);
    response_.body() = std::move(answer.body);
    response_.prepare_payload();
  }

  void reject(Response&& answer) {
    compose(std::move(answer));
    response_.keep_alive(false);
    stream_.expires_after(drain_time);
    http::async_write(stream_, response_, [self = shared_from_this()](beast::error_code failed, std::size_t) {
      if (failed) return;
      self->stream_.socket().shutdown(tcp::socket::shutdown_send, failed);
      self->drain();
    });
  }

  /// Takes what the client still sends: an end with bytes unread would cost it the answer.
  void drain() {
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(max_header_bytes),
                            [self = shared_from_this()](beast::error_code error, std::size_t) {
                              if (!error) self->drain();
                            });
  }

  void start_feed(const Response& answer) {
    becomes_feed_(shared_from_this());
    std::string head = fmt::format("HTTP/1.1 200 OK\r\nContent-Type: {}\r\nConnection: close\r\n", answer.content_type);
    for (const auto& [name, value] : security_headers()) head += fmt::format("{}: {}\r\n", name, value);
    send(std::make_shared<const std::string>(head + "\r\n" + *answer.feed->add(shared_from_this())));
  }

  void take(const Piece& piece) override {
    if (sending_)
      next_ = piece;
    else
      send(piece);
  }

  void send(const Piece& piece) {
    sending_ = piece;
    stream_.expires_after(limits_.answer);
    asio::async_write(stream_, asio::buffer(*piece),
                      [self = shared_from_this()](beast::error_code error, std::size_t) { self->on_sent(error); });
  }

  void on_sent(beast::error_code error) {
    if (error) return close();
    sending_.reset();
    stream_.expires_never();
    if (next_) send(std::exchange(next_, nullptr));
  }

  void on_written(beast::error_code error) {
    if (!error && response_.keep_alive()) return read();
    stream_.socket().shutdown(tcp::socket::shutdown_send, error);
  }

  void set_idle(bool idle) {
    idle_ = idle;
    since_ = Clock::now();
  }

  beast::tcp_stream stream_;
  beast::flat_buffer buffer_{max_header_bytes * 2};
  std::optional<http::request_parser<http::empty_body>> parser_;
  http::response<http::string_body> response_;
  HttpServer::Handler handler_;
  const HttpServer::Limits limits_;
  const BecomesFeed becomes_feed_;
  Piece sending_;
  Piece next_;  // the newest that came meanwhile
  bool idle_ = true;
  Clock::time_point since_ = Clock::now();
};

}  // namespace

class HttpServer::Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(asio::io_context& io, Handler handler, Limits limits)
      : acceptor_(io), pause_(io), handler_(std::move(handler)), limits_(limits) {}

  void open(const tcp::endpoint& endpoint) {
    acceptor_.open(endpoint.protocol());
    acceptor_.set_option(asio::socket_base::reuse_address(true));
    acceptor_.bind(endpoint);
    acceptor_.listen();
  }

  void accept() {
    acceptor_.async_accept([self = shared_from_this()](beast::error_code error, tcp::socket socket) {
      if (!self->acceptor_.is_open()) return;
      if (error) return self->accept_later();
      self->serve(std::move(socket));
      self->accept();
    });
  }

  void close() {
    beast::error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
    close_feeds();
  }

  void close_feeds() { feeds_.close_all(); }

  std::string address() const { return listen_address_text(acceptor_.local_endpoint()); }

 private:
  /// Without file descriptors every attempt fails at once.
  void accept_later() {
    pause_.expires_after(std::chrono::milliseconds(200));
    pause_.async_wait([self = shared_from_this()](beast::error_code cancelled) {
      if (!cancelled && self->acceptor_.is_open()) self->accept();
    });
  }

  void serve(tcp::socket socket) {
    beast::error_code gone;
    const bool local = is_loopback(socket.remote_endpoint(gone).address());
    if (gone) return;
    const auto connection = std::make_shared<Connection>(std::move(socket), handler_, limits_,
                                                         [listener = weak_from_this(), local](const auto& feed) {
                                                           if (const auto self = listener.lock())
                                                             self->move_to_feeds(feed, local);
                                                         });
    (local ? local_ : remote_).let_in(connection);
    connection->read();
  }

  void move_to_feeds(const std::shared_ptr<Connection>& connection, bool local) {
    (local ? local_ : remote_).let_go(connection);
    feeds_.let_in(connection);
  }

  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  Handler handler_;
  const Limits limits_;
  Clients<Connection> local_{max_local_connections};
  Clients<Connection> remote_{max_remote_connections};
  Clients<Connection> feeds_{max_feeds};
};

Result<std::unique_ptr<HttpServer>> HttpServer::listen(asio::io_context& io, std::string_view address, Handler handler,
                                                       Limits limits) {
  const auto endpoint = parse_listen_address(address);
  if (!endpoint) return endpoint.error();
  auto listener = std::make_shared<Listener>(io, std::move(handler), limits);
  try {
    listener->open(*endpoint);
  } catch (const boost::system::system_error& error) {
    return Error{ErrorCategory::network, fmt::format("cannot listen on {}: {}", address, error.code().message())};
  }
  listener->accept();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(listener)));
}

HttpServer::HttpServer(std::shared_ptr<Listener> listener) : listener_(std::move(listener)) {}
HttpServer::~HttpServer() { listener_->close(); }
void HttpServer::close_feeds() { listener_->close_feeds(); }
std::string HttpServer::address() const { return listener_->address(); }

}  // namespace pbxbridge::admin
