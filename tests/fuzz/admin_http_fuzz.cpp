// Requests to the admin endpoint: the real server on a socket of the loopback, for the parser is inside it. Whatever
// comes, the next client is answered.

#include "admin/http_server.hpp"
#include "fuzz/check.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <memory>
#include <optional>
#include <string>

using pbxbridge::fuzz::check;
using namespace pbxbridge;
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

struct Server {
  Server() : http(make()), port(std::stoi(http->address().substr(http->address().rfind(':') + 1))) {}

  std::unique_ptr<admin::HttpServer> make() {
    return std::move(admin::HttpServer::listen(io, "127.0.0.1:0", [](const admin::Request& request) {
                       check(!request.method.empty() && !request.target.empty(), "a request has a method and a target");
                       static const admin::Access access({.token = "0123456789abcdef", .hosts = {"board"}});
                       return admin::respond(
                           request, access,
                           {.spool_writable = [] { return true; },
                            .metrics = [] { return std::string("m 1\n"); },
                            .status = [] { return std::string("{}"); },
                            .page = [](std::string_view) -> std::optional<admin::Response> { return std::nullopt; }});
                     }).value());
  }

  /// Returns the server's answer, until it says no more.
  std::string ask(std::string_view request) {
    tcp::socket client(io);
    std::string answer;
    int pending = 2;  // writing and reading
    boost::system::error_code ignored;
    // libFuzzer's own clock interrupts calls that block.
    const tcp::endpoint address(asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(port));
    client.async_connect(address, [&](const boost::system::error_code& failed) {
      check(!failed, "the server takes a connection");
      client.set_option(asio::socket_base::linger(true, 0));  // so that no port is left waiting
      asio::async_write(client, asio::buffer(request), [&](const boost::system::error_code&, std::size_t) {
        client.shutdown(tcp::socket::shutdown_send, ignored);
        --pending;
      });
      asio::async_read(client, asio::dynamic_buffer(answer),
                       [&](const boost::system::error_code&, std::size_t) { --pending; });
    });
    while (pending > 0) io.run_one();
    return answer;
  }

  asio::io_context io{1};
  std::unique_ptr<admin::HttpServer> http;
  int port;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Server server;
  const std::string answer = server.ask(fuzz::text_of(data, size));
  check(answer.empty() || answer.starts_with("HTTP/1."), "an answer is one of HTTP");
  check(server.ask("GET /livez HTTP/1.0\r\n\r\n").starts_with("HTTP/1.0 200"), "the next client is answered");
  return 0;
}
