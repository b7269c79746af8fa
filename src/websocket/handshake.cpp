#include "websocket/handshake.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <stdexcept>

namespace pbxbridge::websocket {

namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr std::uint32_t max_answer_bytes = 16 * 1024;

std::string base64(const unsigned char* bytes, std::size_t size) {
  std::string text(4 * ((size + 2) / 3) + 1, '\0');  // with room for OpenSSL's NUL
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes, static_cast<int>(size));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

std::string wrong_in(const http::response<http::empty_body>& answer, std::string_view key,
                     std::string_view subprotocol) {
  if (answer.result() != http::status::switching_protocols)
    return fmt::format("it answered the WebSocket handshake with HTTP status {}; look at the path in the URL",
                       answer.result_int());
  if (!beast::iequals(answer[http::field::upgrade], "websocket") ||
      !http::token_list(answer[http::field::connection]).exists("upgrade"))
    return "the WebSocket handshake failed: it accepted something else than WebSocket";
  if (answer[http::field::sec_websocket_accept] != beast::string_view(accept_value(key)))
    return "the WebSocket handshake failed: its answer is not for this request";
  const auto chosen = answer[http::field::sec_websocket_protocol];
  if (chosen != beast::string_view(subprotocol.data(), subprotocol.size()))
    return fmt::format("the WebSocket handshake failed: it does not speak the subprotocol {}",
                       subprotocol.empty() ? "that was asked for, which is none" : subprotocol);
  return {};
}

}  // namespace

std::string make_key() {
  std::array<unsigned char, 16> bytes{};
  if (RAND_bytes(bytes.data(), bytes.size()) != 1) throw std::runtime_error("OpenSSL has no random bytes");
  return base64(bytes.data(), bytes.size());
}

std::string accept_value(std::string_view key) {
  constexpr std::string_view guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  const std::string text = std::string(key).append(guid);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  return base64(digest.data(), size);
}

std::string handshake_request(const HandshakeRequest& request, std::string_view key) {
  std::string text = fmt::format(
      "GET {} HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {}\r\n"
      "Sec-WebSocket-Version: 13\r\nUser-Agent: pbxbridge\r\n",
      request.target, request.authority, key);
  if (!request.subprotocol.empty()) text += fmt::format("Sec-WebSocket-Protocol: {}\r\n", request.subprotocol);
  return text + "\r\n";
}

std::optional<HandshakeAnswer> read_handshake_answer(std::string_view answer, std::string_view key,
                                                     std::string_view subprotocol) {
  http::response_parser<http::empty_body> parser;
  parser.header_limit(max_answer_bytes);
  parser.skip(true);
  boost::system::error_code error;
  const std::size_t size = parser.put(boost::asio::buffer(answer.data(), answer.size()), error);
  if (error == http::error::need_more && answer.size() < max_answer_bytes) return std::nullopt;
  if (error) return HandshakeAnswer{0, "the WebSocket handshake failed: " + error.message()};
  return HandshakeAnswer{size, wrong_in(parser.get(), key, subprotocol)};
}

}  // namespace pbxbridge::websocket
