#include "websocket/handshake.hpp"

#include "text/peer_words.hpp"
#include "websocket/http_rejection.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <charconv>
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

using Head = http::response<http::empty_body>;

std::string_view text_of(const Head& head, http::field name) {
  const auto value = head[name];
  return {value.data(), value.size()};
}

Error failure(std::string_view what) {
  return {ErrorCategory::network, fmt::format("the WebSocket handshake failed: {}", what)};
}

std::optional<Error> check_acceptance(const Head& head, std::string_view key, std::string_view subprotocol) {
  if (!beast::iequals(head[http::field::upgrade], "websocket") ||
      !http::token_list(head[http::field::connection]).exists("upgrade"))
    return failure("it accepted something else than WebSocket");
  const std::string_view accepted = text_of(head, http::field::sec_websocket_accept);
  if (accepted.empty()) return failure("its answer lacks Sec-WebSocket-Accept; look for a proxy on the way");
  if (accepted != accept_value(key))
    return failure("its answer is not for this request; look for a proxy or cache on the way");
  if (!text_of(head, http::field::sec_websocket_extensions).empty())
    return failure("it uses an extension of WebSocket, and none was offered; look for a proxy on the way");
  const std::string_view chosen = text_of(head, http::field::sec_websocket_protocol);
  if (chosen == subprotocol) return std::nullopt;
  if (subprotocol.empty()) return failure("it chose a subprotocol, and none was offered");
  return failure(fmt::format("it does not speak the subprotocol {}", subprotocol));
}

Error rejection(const Head& head, SystemTime now) {
  return http_rejection({.status = head.result_int(),
                         .location = text_of(head, http::field::location),
                         .retry_after = text_of(head, http::field::retry_after),
                         .date = text_of(head, http::field::date),
                         .upgrade = text_of(head, http::field::upgrade),
                         .versions = text_of(head, http::field::sec_websocket_version)},
                        now);
}

/// The status of an answer whose header is malformed, or 0.
unsigned status_in(std::string_view answer) {
  constexpr std::string_view before = "HTTP/1.1 ";
  unsigned status = 0;
  if (!answer.starts_with("HTTP/1.") || answer.size() < before.size() + 3) return 0;
  const char* const digits = answer.data() + before.size();
  const auto [end, error] = std::from_chars(digits, digits + 3, status);
  return error == std::errc() && end == digits + 3 && status >= 100 ? status : 0;
}

/// The first bytes of a TLS alert or handshake message (RFC 8446, section 5.1).
bool is_tls(std::string_view answer) {
  return answer.size() >= 2 && (answer[0] == 0x15 || answer[0] == 0x16) && answer[1] == 0x03;
}

Error malformed(std::string_view answer, std::string_view problem, SystemTime now) {
  constexpr std::size_t shown = 40;
  if (is_tls(answer)) return failure("that port speaks TLS; is it wss:// there?");
  if (!answer.starts_with("HTTP/"))
    return failure(
        fmt::format("that port does not speak HTTP, its answer begins with \"{}\"; check host and port in "
                    "the URL",
                    text::peer_log_text(answer, shown)));
  const unsigned status = status_in(answer);
  if (status < 200) return failure(fmt::format("the header of its answer is malformed ({})", problem));
  Error error = http_rejection({.status = status}, now);
  error.text += fmt::format(" (and the header of its answer is malformed: {})", problem);
  return error;
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
  for (const auto& [name, value] : request.headers) text += fmt::format("{}: {}\r\n", name, value);
  return text + "\r\n";
}

std::optional<HandshakeAnswer> read_handshake_answer(std::string_view answer, std::string_view key,
                                                     std::string_view subprotocol, SystemTime now) {
  std::size_t passed = 0;  // interim answers
  while (true) {
    const std::string_view rest = answer.substr(passed);
    http::response_parser<http::empty_body> parser;
    parser.header_limit(max_answer_bytes);
    parser.skip(true);
    boost::system::error_code error;
    const std::size_t size = parser.put(boost::asio::buffer(rest.data(), rest.size()), error);
    if (error == http::error::need_more && answer.size() < max_answer_bytes && !is_tls(rest)) return std::nullopt;
    if (error) return HandshakeAnswer{passed, malformed(rest, error.message(), now)};
    passed += size;
    const Head& head = parser.get();
    if (head.result() == http::status::switching_protocols)
      return HandshakeAnswer{passed, check_acceptance(head, key, subprotocol)};
    if (head.result_int() >= 200) return HandshakeAnswer{passed, rejection(head, now)};
  }
}

}  // namespace pbxbridge::websocket
