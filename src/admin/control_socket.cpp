#include "admin/control_socket.hpp"

#include "admin/clients.hpp"

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include <chrono>
#include <sys/stat.h>
#include <utility>

namespace pbxbridge::admin {

namespace {

namespace asio = boost::asio;
using asio::local::stream_protocol;
using boost::system::error_code;

constexpr std::size_t max_line = 4096;
constexpr std::chrono::seconds patience{10};
constexpr std::size_t max_clients = 16;

/// One command of one client.
class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(stream_protocol::socket socket, const ControlSocket::Answer& answer)
      : socket_(std::move(socket)), timer_(socket_.get_executor(), patience), answer_(answer) {}

  bool is_open() const { return socket_.is_open(); }
  bool is_idle() const { return idle_; }
  std::chrono::steady_clock::time_point since() const { return since_; }
  void close() {
    error_code ignored;
    socket_.close(ignored);
    timer_.cancel();
  }

  void start() {
    timer_.async_wait([self = shared_from_this()](const error_code& cancelled) {
      if (!cancelled) self->close();
    });
    asio::async_read_until(
        socket_, asio::dynamic_buffer(text_, max_line), '\n',
        [self = shared_from_this()](const error_code& error, std::size_t size) { self->received(error, size); });
  }

 private:
  void received(const error_code& error, std::size_t size) {
    if (error) return close();
    idle_ = false;
    answer_(std::string_view(text_).substr(0, size - 1),
            [self = shared_from_this()](const std::string& answer) { self->reply(answer); });
  }

  void reply(const std::string& answer) {
    text_ = answer + "\n";
    asio::async_write(socket_, asio::buffer(text_),
                      [self = shared_from_this()](const error_code&, std::size_t) { self->close(); });
  }

  stream_protocol::socket socket_;
  asio::steady_timer timer_;
  ControlSocket::Answer answer_;
  std::string text_;
  bool idle_ = true;
  const std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
};

}  // namespace

class ControlSocket::Listener : public std::enable_shared_from_this<ControlSocket::Listener> {
 public:
  Listener(asio::io_context& io, std::filesystem::path file, Answer answer)
      : acceptor_(io), timer_(io), file_(std::move(file)), answer_(std::move(answer)) {}

  void open() {
    std::error_code ignored;
    std::filesystem::remove(file_, ignored);
    const stream_protocol::endpoint endpoint(file_.string());
    acceptor_.open(endpoint.protocol());
    const mode_t before = umask(0177);
    error_code failed;
    acceptor_.bind(endpoint, failed);
    umask(before);
    if (failed) throw boost::system::system_error(failed);
    acceptor_.listen();
  }

  void accept() {
    acceptor_.async_accept([self = shared_from_this()](const error_code& error, stream_protocol::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (error) return self->accept_later();
      const auto exchange = std::make_shared<Exchange>(std::move(socket), self->answer_);
      self->clients_.let_in(exchange);
      exchange->start();
      self->accept();
    });
  }

  /// A lack of descriptors would be met again at once.
  void accept_later() {
    timer_.expires_after(std::chrono::seconds(1));
    timer_.async_wait([self = shared_from_this()](const error_code& cancelled) {
      if (!cancelled) self->accept();
    });
  }

  void close() {
    error_code ignored;
    acceptor_.close(ignored);
    timer_.cancel();
    answer_ = [](std::string_view, const Reply& reply) { reply("error: it is stopping"); };
    std::error_code failed;
    std::filesystem::remove(file_, failed);
  }

 private:
  stream_protocol::acceptor acceptor_;
  asio::steady_timer timer_;
  const std::filesystem::path file_;
  Answer answer_;
  Clients<Exchange> clients_{max_clients};
};

Result<std::unique_ptr<ControlSocket>> ControlSocket::listen(asio::io_context& io, const std::filesystem::path& file,
                                                             Answer answer) {
  auto listener = std::make_shared<Listener>(io, file, std::move(answer));
  try {
    listener->open();
  } catch (const boost::system::system_error& error) {
    return Error{ErrorCategory::storage, fmt::format("cannot listen on {}: {}", file.string(), error.code().message())};
  }
  listener->accept();
  return std::unique_ptr<ControlSocket>(new ControlSocket(std::move(listener)));
}

ControlSocket::ControlSocket(std::shared_ptr<Listener> listener) : listener_(std::move(listener)) {}
ControlSocket::~ControlSocket() { listener_->close(); }

Result<std::string> ask_control_socket(const std::filesystem::path& file, const std::string& command) {
  asio::io_context io;
  stream_protocol::socket socket(io);
  std::string answer;
  error_code result = asio::error::timed_out;
  try {
    socket.connect(stream_protocol::endpoint(file.string()));
    asio::write(socket, asio::buffer(command + "\n"));
    asio::async_read_until(socket, asio::dynamic_buffer(answer, max_line), '\n',
                           [&result](const error_code& error, std::size_t) { result = error; });
    io.run_for(patience);
  } catch (const boost::system::system_error& error) {
    result = error.code();
  }
  if (result)
    return Error{ErrorCategory::network, fmt::format("the pbxbridge that uses the spool does not answer on {}: {}",
                                                     file.string(), result.message())};
  answer.pop_back();
  return answer;
}

}  // namespace pbxbridge::admin
