#include "scripted_peer.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <fmt/format.h>

#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <sys/socket.h>
#include <thread>
#include <type_traits>
#include <unistd.h>
#include <utility>

namespace pbxbridge::pbx::test {
namespace {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
namespace websocket = boost::beast::websocket;
using asio::ip::tcp;

using PlainStream = websocket::stream<tcp::socket&>;
using TlsStream = websocket::stream<ssl::stream<tcp::socket&>>;

}  // namespace

struct ScriptedPeer::Server {
  Server(Options with, Script script)
      : options(std::move(with)),
        script_(std::move(script)),
        acceptor(io, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)) {}

  void run() {
    for (int number = 1;; ++number) {
      tcp::socket socket(io);
      boost::system::error_code error;
      acceptor.accept(socket, error);
      // The conversation may close its own at any time.
      const int duplicate = error ? -1 : ::dup(socket.native_handle());
      const bool goes_on = set_current(duplicate) && !error;
      if (goes_on) converse(socket, number);
      set_current(-1);
      ::close(duplicate);
      if (!goes_on) return;
    }
  }

  void converse(tcp::socket& socket, int number) {
    try {
      serve(socket, number);
    } catch (const std::exception&) {
      // The client or the test is gone: the script is over.
    }
  }

  void serve(tcp::socket& socket, int number);
  template <class Stream>
  void talk(Stream& stream, int number);

  bool set_current(int socket) {
    const std::lock_guard lock(mutex);
    current = socket;
    return !stopping;
  }

  void wait_until_stopped() {
    std::unique_lock lock(mutex);
    stopped.wait(lock, [this] { return stopping; });
  }

  void stop() {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
      if (current >= 0) ::shutdown(current, SHUT_RDWR);
      ::shutdown(acceptor.native_handle(), SHUT_RDWR);
    }
    stopped.notify_all();
    thread.join();
  }

  const Options options;
  const Script script_;
  asio::io_context io;
  tcp::acceptor acceptor;
  std::mutex mutex;
  std::condition_variable stopped;
  int current = -1;       // under mutex; a duplicate of the socket in use
  bool stopping = false;  // under mutex
  std::thread thread;
};

namespace {

template <class Stream>
class Conversation final : public PeerConnection {
 public:
  Conversation(Stream& stream, std::function<void()> freeze) : stream_(stream), freeze_(std::move(freeze)) {}

  std::optional<std::string> read() override {
    boost::beast::flat_buffer buffer;
    boost::system::error_code error;
    stream_.read(buffer, error);
    if (error == websocket::error::closed) return {};
    if (error) throw boost::system::system_error(error);
    return boost::beast::buffers_to_string(buffer.data());
  }
  void write(std::string_view text) override {
    stream_.text(true);
    stream_.write(asio::buffer(text));
  }
  void write_binary(std::string_view bytes) override {
    stream_.binary(true);
    stream_.write(asio::buffer(bytes));
  }
  void write_in_fragments(const std::vector<std::string>& parts) override {
    stream_.text(true);
    for (std::size_t index = 0; index < parts.size(); ++index)
      stream_.write_some(index + 1 == parts.size(), asio::buffer(parts[index]));
  }
  void write_bytes(std::string_view bytes) override { asio::write(stream_.next_layer(), asio::buffer(bytes)); }
  void ping(std::atomic<bool>& answered) override {
    stream_.control_callback([&](websocket::frame_type type, boost::beast::string_view) {
      if (type == websocket::frame_type::pong) answered = true;
    });
    stream_.ping({});
  }
  void close(std::uint16_t code, const std::string& reason) override {
    stream_.close(websocket::close_reason(static_cast<websocket::close_code>(code), reason));
  }
  void freeze() override { freeze_(); }
  std::string server_name() const override {
    if constexpr (std::is_same_v<Stream, TlsStream>) {
      const char* name = SSL_get_servername(tls(), TLSEXT_NAMETYPE_host_name);
      return name == nullptr ? "" : name;
    }
    return {};
  }
  std::string client_certificate_name() const override {
    if constexpr (std::is_same_v<Stream, TlsStream>) {
      char name[256] = "";
      X509* certificate = SSL_get0_peer_certificate(tls());
      if (certificate != nullptr)
        X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
      return name;
    }
    return {};
  }
  std::uint16_t close_code() const override { return static_cast<std::uint16_t>(stream_.reason().code); }

 private:
  SSL* tls() const { return stream_.next_layer().native_handle(); }

  Stream& stream_;
  std::function<void()> freeze_;
};

}  // namespace

void ScriptedPeer::Server::serve(tcp::socket& socket, int number) {
  if (!options.answers_handshake) {
    wait_until_stopped();
    return;
  }
  if (!options.http_answer.empty()) {
    std::string request;
    asio::read_until(socket, asio::dynamic_buffer(request), "\r\n\r\n");
    asio::write(socket, asio::buffer(options.http_answer));
    while (options.drips) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      asio::write(socket, asio::buffer(&options.http_answer.back(), 1));
    }
    return;
  }
  if (!options.certificate) {
    PlainStream stream(socket);
    talk(stream, number);
    return;
  }
  ssl::context context(ssl::context::tls_server);
  context.use_certificate_chain_file(options.certificate->certificate_file.string());
  context.use_private_key_file(options.certificate->key_file.string(), ssl::context::pem);
  if (options.client_certificate) {
    context.load_verify_file(options.client_certificate->certificate_file.string());
    context.set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
  }
  if (options.tls_1_1) {
    // Signatures of that time are below OpenSSL's security level 1.
    SSL_CTX_set_cipher_list(context.native_handle(), "DEFAULT:@SECLEVEL=0");
    SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_1_VERSION);
    SSL_CTX_set_max_proto_version(context.native_handle(), TLS1_1_VERSION);
  }
  if (!options.tls_1_2_ciphers.empty()) {
    SSL_CTX_set_cipher_list(context.native_handle(), (options.tls_1_2_ciphers + ":@SECLEVEL=0").c_str());
    SSL_CTX_set_dh_auto(context.native_handle(), 1);
    SSL_CTX_set_max_proto_version(context.native_handle(), TLS1_2_VERSION);
  }
  TlsStream stream(socket, context);
  stream.next_layer().handshake(ssl::stream_base::server);
  talk(stream, number);
}

template <class Stream>
void ScriptedPeer::Server::talk(Stream& stream, int number) {
  stream.accept();
  Conversation<Stream> conversation(stream, [this] { wait_until_stopped(); });
  script_(conversation, number);
}

ScriptedPeer::ScriptedPeer(Script script) : ScriptedPeer(Options{}, std::move(script)) {}

ScriptedPeer::ScriptedPeer(Options options, Script script)
    : server_(std::make_unique<Server>(std::move(options), std::move(script))) {
  server_->thread = std::thread([this] { server_->run(); });
}

ScriptedPeer::~ScriptedPeer() { server_->stop(); }

std::string ScriptedPeer::url(const std::string& host) const {
  return fmt::format("{}://{}:{}/wsi", server_->options.certificate ? "wss" : "ws", host,
                     server_->acceptor.local_endpoint().port());
}

}  // namespace pbxbridge::pbx::test
