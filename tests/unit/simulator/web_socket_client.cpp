#include "web_socket_client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>

#include <optional>
#include <regex>
#include <stdexcept>
#include <type_traits>

namespace pbxbridge::test {

namespace {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;
using tcp = asio::ip::tcp;

constexpr std::chrono::seconds patience_for_all(10);

}  // namespace

class WebSocketClient::Stream {
 public:
  virtual ~Stream() = default;
  virtual void send(const std::string& frame) = 0;
  virtual error_code receive(std::string& frame) = 0;
  virtual bool last_was_binary() const = 0;
  virtual bool ping(std::chrono::milliseconds patience) = 0;
  virtual websocket::close_reason reason() const = 0;
};

template <class Next>
class WebSocketClient::StreamOver final : public Stream {
 public:
  StreamOver(const std::string& address, std::uint16_t port, const std::filesystem::path& ca_file,
             const std::string& host, const std::string& path)
      : tls_(asio::ssl::context::tls_client) {
    if constexpr (std::is_same_v<Next, tcp::socket>) {
      stream_.emplace(io_);
    } else {
      tls_.load_verify_file(ca_file.string());
      stream_.emplace(io_, tls_);
      stream_->next_layer().set_verify_mode(asio::ssl::verify_peer);
      stream_->next_layer().set_verify_callback(asio::ssl::host_name_verification(host));
    }
    boost::beast::get_lowest_layer(*stream_).connect({asio::ip::make_address(address), port});
    if constexpr (!std::is_same_v<Next, tcp::socket>) stream_->next_layer().handshake(asio::ssl::stream_base::client);
    stream_->handshake(host, path);
    stream_->control_callback(
        [this](websocket::frame_type kind, auto) { ponged_ = ponged_ || kind == websocket::frame_type::pong; });
  }

  void send(const std::string& frame) override { stream_->write(asio::buffer(frame)); }

  error_code receive(std::string& frame) override {
    start_reading();
    if (!run_until([this] { return result_.has_value(); }, patience_for_all))
      return asio::error::make_error_code(asio::error::timed_out);
    const auto result = *std::exchange(result_, std::nullopt);
    frame = boost::beast::buffers_to_string(buffer_.data());
    buffer_.clear();
    return result;
  }

  bool last_was_binary() const override { return stream_->got_binary(); }

  bool ping(std::chrono::milliseconds patience) override {
    ponged_ = false;
    stream_->ping({});
    start_reading();
    return run_until([this] { return ponged_; }, patience);
  }

  websocket::close_reason reason() const override { return stream_->reason(); }

 private:
  void start_reading() {
    if (reading_ || result_) return;
    reading_ = true;
    stream_->async_read(buffer_, [this](error_code error, std::size_t) {
      reading_ = false;
      result_ = error;
    });
  }

  template <class Condition>
  bool run_until(Condition condition, std::chrono::milliseconds patience) {
    const auto end = std::chrono::steady_clock::now() + patience;
    io_.restart();
    while (!condition())
      if (io_.run_one_until(end) == 0) return condition();
    return true;
  }

  asio::io_context io_;
  asio::ssl::context tls_;
  std::optional<websocket::stream<Next>> stream_;
  boost::beast::flat_buffer buffer_;
  std::optional<error_code> result_;
  bool reading_ = false;
  bool ponged_ = false;
};

WebSocketClient::WebSocketClient(const std::string& url, const std::filesystem::path& ca_file,
                                 const std::string& host) {
  std::smatch part;
  if (!std::regex_match(url, part, std::regex("(wss?)://([^:]+):([0-9]+)(/.*)"))) throw std::runtime_error("bad URL");
  const auto port = static_cast<std::uint16_t>(std::stoi(part[3]));
  const auto name = host.empty() ? part[2].str() : host;
  if (part[1] == "ws")
    stream_ = std::make_unique<StreamOver<tcp::socket>>(part[2], port, ca_file, name, part[4]);
  else
    stream_ = std::make_unique<StreamOver<asio::ssl::stream<tcp::socket>>>(part[2], port, ca_file, name, part[4]);
}

WebSocketClient::~WebSocketClient() = default;

void WebSocketClient::send(const std::string& frame) { stream_->send(frame); }

std::string WebSocketClient::receive() {
  std::string frame;
  const auto error = stream_->receive(frame);
  if (error) throw boost::system::system_error(error);
  return frame;
}

bool WebSocketClient::last_was_binary() const { return stream_->last_was_binary(); }

std::string WebSocketClient::wait_for_end() {
  std::string frame;
  error_code error;
  while (!(error = stream_->receive(frame))) ++messages_before_end_;
  if (error != websocket::error::closed) return error.message();
  const auto reason = stream_->reason();
  return std::to_string(reason.code) + " " + std::string(reason.reason.data(), reason.reason.size());
}

bool WebSocketClient::answers_ping(std::chrono::milliseconds patience) { return stream_->ping(patience); }

}  // namespace pbxbridge::test
