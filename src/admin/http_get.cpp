#include "admin/http_get.hpp"

#include "admin/listen_address.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string_view>

namespace pbxbridge::admin {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t longest_answer = 16 * 1024 * 1024;

/// Parses an answer of our own server, which closes after it: all after the head is the body.
std::optional<HttpAnswer> parsed(std::string_view response) {
  constexpr std::string_view begin = "HTTP/1.1 ";
  const auto end_of_head = response.find("\r\n\r\n");
  if (!response.starts_with(begin) || end_of_head == std::string_view::npos) return std::nullopt;
  HttpAnswer answer;
  const std::string_view status = response.substr(begin.size(), 3);
  const auto [end, error] = std::from_chars(status.data(), status.data() + status.size(), answer.status);
  if (error != std::errc() || end != status.data() + status.size()) return std::nullopt;
  answer.body = response.substr(end_of_head + 4);
  return answer;
}

}  // namespace

Result<HttpAnswer> http_get(const std::string& address, const std::string& target, const std::string& token,
                            std::chrono::milliseconds timeout) {
  const auto endpoint = parse_listen_address(address);
  if (!endpoint) return endpoint.error();
  const std::string request =
      fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\n{}Connection: close\r\n\r\n", target, address,
                  token.empty() ? std::string() : fmt::format("Authorization: Bearer {}\r\n", token));
  asio::io_context io;
  asio::ip::tcp::socket socket(io);
  std::string response;
  error_code result = asio::error::timed_out;
  socket.async_connect(*endpoint, [&](const error_code& failed) {
    if (failed) {
      result = failed;
      return;
    }
    asio::async_write(socket, asio::buffer(request), [&](const error_code& not_written, std::size_t) {
      if (not_written) {
        result = not_written;
        return;
      }
      asio::async_read(socket, asio::dynamic_buffer(response, longest_answer),
                       [&](const error_code& end, std::size_t) { result = end; });
    });
  });
  io.run_for(timeout);
  if (result != asio::error::eof)
    return Error{ErrorCategory::network, fmt::format("nothing answers on {}: {}", address, result.message())};
  auto answer = parsed(response);
  if (!answer) return Error{ErrorCategory::network, fmt::format("what answers on {} is not a pbxbridge", address)};
  return std::move(*answer);
}

}  // namespace pbxbridge::admin
