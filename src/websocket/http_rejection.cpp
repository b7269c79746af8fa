#include "websocket/http_rejection.hpp"

#include "text/ascii.hpp"
#include "text/log_text.hpp"
#include "text/peer_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <ctime>
#include <optional>
#include <string>

namespace pbxbridge::websocket {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t longest_location = 200;

struct Status {
  unsigned code;
  std::string_view phrase;
  std::string_view advice;
};

constexpr std::string_view no_websocket =
    "this is not a WebSocket service, or a proxy answered in its place; check host, port and path in the URL";
constexpr std::string_view no_path = "nothing is at this path; correct the path in the URL";
constexpr std::string_view server_failed = "the server failed; look into its log";
constexpr std::string_view client_rejected = "it rejects the request; check the URL, and look into the server's log";

constexpr Status statuses[] = {
    {200, "OK", no_websocket},
    {301, "Moved Permanently", {}},
    {302, "Found", {}},
    {303, "See Other", {}},
    {307, "Temporary Redirect", {}},
    {308, "Permanent Redirect", {}},
    {400, "Bad Request",
     "it did not understand the request: perhaps a proxy on the way passes no WebSocket on, or that port wants TLS; "
     "check scheme, port and path in the URL"},
    {401, "Unauthorized",
     "it wants an HTTP login, which pbxbridge does not have; let this path pass without one at the gateway or proxy "
     "that asks for it"},
    {403, "Forbidden",
     "it does not let this client in; allow the address of this machine there, in a firewall or proxy before it as "
     "well, and check the path in the URL"},
    {404, "Not Found", no_path},
    {405, "Method Not Allowed", no_path},
    {407, "Proxy Authentication Required",
     "a proxy on the way wants a login, and pbxbridge uses no proxy; let the connection pass it, or route around it"},
    {408, "Request Timeout", "the request took too long to arrive; look for loss or an overloaded proxy on the way"},
    {410, "Gone", no_path},
    {421, "Misdirected Request", "it does not serve this host name; check the host in the URL"},
    {426, "Upgrade Required", "it wants another protocol, or another version of WebSocket than 13"},
    {429, "Too Many Requests",
     "too many connections or attempts; raise the limit there, or look for other clients that use it up"},
    {500, "Internal Server Error", server_failed},
    {501, "Not Implemented", no_websocket},
    {502, "Bad Gateway", "a gateway does not reach the server behind it; look whether that runs"},
    {503, "Service Unavailable", "the server is starting, overloaded or under maintenance; look whether it runs"},
    {504, "Gateway Timeout", "a gateway got no answer from the server behind it; look whether that runs"},
};

/// Returns the status of a code that is not in the table: the first of its class says what it means (RFC 9110, section
/// 15).
Status unlisted(unsigned code) {
  if (code < 300) return {code, {}, no_websocket};
  if (code < 400) return {code, {}, {}};
  return {code, {}, code < 500 ? client_rejected : server_failed};
}

Status status_of(unsigned code) {
  const auto* const found = std::ranges::find(statuses, code, &Status::code);
  return found == std::end(statuses) ? unlisted(code) : *found;
}

/// It is this client that is not let in, and more attempts may make that worse.
bool rejects_client(unsigned code) { return code == 401 || code == 403 || code == 407; }

std::string redirect_advice(std::string_view location) {
  if (location.empty()) return "it redirects, without saying where to; check host, port and path in the URL";
  return fmt::format("it redirects to {}, which is not followed; if the service is there now, put that into the URL",
                     shown_location(location));
}

std::string upgrade_words(const HttpAnswer& answer) {
  std::string words;
  if (!answer.upgrade.empty()) words += fmt::format(", it names {}", text::peer_log_text(answer.upgrade, 40));
  if (!answer.versions.empty())
    words += fmt::format(", it speaks version {}", text::peer_log_text(answer.versions, 40));
  return words;
}

/// RFC 9110, section 5.6.7: the preferred form and the two obsolete ones, all in GMT.
std::optional<std::chrono::sys_seconds> http_date(std::string_view text) {
  const std::string terminated(text);
  for (const char* format : {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"}) {
    std::tm fields{};
    const char* const end = ::strptime(terminated.c_str(), format, &fields);
    if (end == terminated.c_str() + terminated.size())
      return std::chrono::sys_seconds(std::chrono::seconds(::timegm(&fields)));
  }
  return std::nullopt;
}

milliseconds bounded(std::chrono::seconds time) {
  return std::clamp<std::chrono::seconds>(time, std::chrono::seconds(0), longest_retry_after);
}

/// Length of the address that `authority` begins with, or 0. Without a port it would be taken for a phone number.
std::size_t ipv4_length(std::string_view authority) {
  const std::string host(authority.substr(0, authority.find(':')));
  in_addr address{};
  return inet_pton(AF_INET, host.c_str(), &address) == 1 ? host.size() : 0;
}

}  // namespace

Error http_rejection(const HttpAnswer& answer, SystemTime now) {
  const Status status = status_of(answer.status);
  const bool is_redirect = answer.status >= 300 && answer.status < 400;
  const std::string name =
      status.phrase.empty() ? std::to_string(status.code) : fmt::format("{} ({})", status.code, status.phrase);
  std::string advice = is_redirect ? redirect_advice(answer.location) : std::string(status.advice);
  if (answer.status == 426) advice += upgrade_words(answer);
  return {rejects_client(answer.status) ? ErrorCategory::rejected : ErrorCategory::network,
          fmt::format("it answered the WebSocket handshake with HTTP status {}: {}", name, advice),
          retry_after(answer.retry_after, answer.date, now)};
}

milliseconds retry_after(std::string_view value, std::string_view date, SystemTime now) {
  if (value.empty()) return {};
  if (std::ranges::all_of(value, text::is_digit)) {
    std::uint32_t seconds = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
    return error == std::errc::result_out_of_range ? longest_retry_after : bounded(std::chrono::seconds(seconds));
  }
  const auto until = http_date(value);
  if (!until) return {};
  const auto from = http_date(date).value_or(std::chrono::floor<std::chrono::seconds>(now));
  return bounded(*until - from);
}

std::string shown_location(std::string_view location) {
  location = location.substr(0, location.find_first_of("?#;"));
  const std::size_t slashes = location.find("//");
  if (slashes == std::string_view::npos || location.substr(0, slashes).find('/') != std::string_view::npos)
    return text::peer_log_text(location, longest_location);
  const std::size_t path = std::min(location.find('/', slashes + 2), location.size());
  std::string_view authority = location.substr(slashes + 2, path - slashes - 2);
  const std::size_t credentials = authority.rfind('@');
  if (credentials != std::string_view::npos) authority.remove_prefix(credentials + 1);
  const std::string_view address = authority.substr(0, ipv4_length(authority));
  const std::string rest = std::string(authority.substr(address.size())).append(location.substr(path));
  return text::log_text(fmt::format("{}//{}{}", text::peer_log_text(location.substr(0, slashes), longest_location),
                                    address, text::peer_log_text(rest, longest_location)),
                        longest_location);
}

}  // namespace pbxbridge::websocket
