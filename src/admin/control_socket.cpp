#include "admin/control_socket.hpp"

#include "admin/clients.hpp"

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <poll.h>
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
constexpr std::size_t max_streams = 8;

}  // namespace

/// One command of one client, and its answer.
class ControlSocket::Client final : public AnswerStream, public std::enable_shared_from_this<Client> {
 public:
  using BecomesStream = std::function<void(const std::shared_ptr<Client>&)>;

  /// `becomes_stream` is called when its answer is to have no end.
  Client(stream_protocol::socket socket, const Answer& answer, BecomesStream becomes_stream)
      : socket_(std::move(socket)),
        timer_(socket_.get_executor(), patience),
        answer_(answer),
        becomes_stream_(std::move(becomes_stream)) {}

  bool is_open() const override { return socket_.is_open(); }
  bool is_ready() const override { return sending_.empty(); }
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

  void reply(const std::string& answer) {
    sending_ = answer + "\n";
    asio::async_write(socket_, asio::buffer(sending_),
                      [self = shared_from_this()](const error_code&, std::size_t) { self->close(); });
  }

  /// A client that reads nothing keeps its stream: it costs what was sent, and no more is.
  void start_stream() {
    timer_.cancel();
    becomes_stream_(shared_from_this());
    // The client sends nothing more: it can only go.
    socket_.async_read_some(asio::buffer(text_),
                            [self = shared_from_this()](const error_code&, std::size_t) { self->close(); });
  }

  void send(std::string text) override {
    if (text.empty()) return;
    sending_ = std::move(text);
    asio::async_write(socket_, asio::buffer(sending_),
                      [self = shared_from_this()](const error_code& error, std::size_t) {
                        self->sending_.clear();
                        if (error) self->close();
                      });
  }

 private:
  void received(const error_code& error, std::size_t size) {
    if (error) return close();
    idle_ = false;
    answer_(std::string_view(text_).substr(0, size - 1), Reply(shared_from_this()));
  }

  stream_protocol::socket socket_;
  asio::steady_timer timer_;
  Answer answer_;
  const BecomesStream becomes_stream_;
  std::string text_;
  std::string sending_;
  bool idle_ = true;
  const std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
};

void ControlSocket::Reply::operator()(const std::string& answer) const { client_->reply(answer); }

std::shared_ptr<AnswerStream> ControlSocket::Reply::stream() const {
  client_->start_stream();
  return client_;
}

class ControlSocket::Listener : public std::enable_shared_from_this<ControlSocket::Listener> {
 public:
  Listener(asio::io_context& io, std::filesystem::path file, Answer answer)
      : acceptor_(io), timer_(io), file_(std::move(file)), answer_(std::move(answer)) {}

  void open() {
    const stream_protocol::endpoint endpoint(file_.string());
    remove_abandoned(endpoint);
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
      self->serve(std::move(socket));
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
  /// Removes the socket of a process that has ended, and nothing else that may be there.
  void remove_abandoned(const stream_protocol::endpoint& endpoint) {
    std::error_code unknown;
    if (!std::filesystem::is_socket(std::filesystem::symlink_status(file_, unknown))) return;
    stream_protocol::socket other(timer_.get_executor());
    error_code unanswered;
    other.connect(endpoint, unanswered);
    if (unanswered == asio::error::connection_refused) std::filesystem::remove(file_, unknown);
  }

  void serve(stream_protocol::socket socket) {
    const auto client = std::make_shared<Client>(std::move(socket), answer_,
                                                 [listener = weak_from_this()](const std::shared_ptr<Client>& stream) {
                                                   if (const auto self = listener.lock()) self->move_to_streams(stream);
                                                 });
    clients_.let_in(client);
    client->start();
  }

  void move_to_streams(const std::shared_ptr<Client>& client) {
    clients_.let_go(client);
    streams_.let_in(client);
  }

  stream_protocol::acceptor acceptor_;
  asio::steady_timer timer_;
  const std::filesystem::path file_;
  Answer answer_;
  Clients<Client> clients_{max_clients};
  Clients<Client> streams_{max_streams};
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

namespace {

/// Waits until there is something to read; false where nobody reads `output` any more.
bool wait_for_input(int input, int output) {
  std::array<pollfd, 2> files{pollfd{.fd = input, .events = POLLIN, .revents = 0},
                              pollfd{.fd = output, .events = 0, .revents = 0}};
  while (::poll(files.data(), files.size(), -1) < 0 && errno == EINTR) continue;
  return (files[1].revents & (POLLERR | POLLNVAL)) == 0;
}

}  // namespace

Result<void> follow_control_socket(const std::filesystem::path& file, const std::string& command,
                                   const std::function<bool(std::string_view line)>& take, int output) {
  asio::io_context io;
  stream_protocol::socket socket(io);
  try {
    socket.connect(stream_protocol::endpoint(file.string()));
    asio::write(socket, asio::buffer(command + "\n"));
    std::string text;
    while (wait_for_input(socket.native_handle(), output)) {
      const std::size_t before = text.size();
      text.resize(before + max_line);
      text.resize(before + socket.read_some(asio::buffer(text.data() + before, max_line)));
      std::size_t begin = 0;
      for (auto end = text.find('\n', before); end != std::string::npos; end = text.find('\n', begin)) {
        if (!take(std::string_view(text).substr(begin, end - begin))) return {};
        begin = end + 1;
      }
      text.erase(0, begin);
    }
    return {};
  } catch (const boost::system::system_error& error) {
    if (error.code() == asio::error::eof)
      return Error{ErrorCategory::network, "the pbxbridge that was watched has ended it"};
    return Error{ErrorCategory::network,
                 fmt::format("no pbxbridge answers on {}: {}", file.string(), error.code().message())};
  }
}

}  // namespace pbxbridge::admin
