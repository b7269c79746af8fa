#include "url/endpoint.hpp"

#include "text/ascii.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <arpa/inet.h>
#include <cctype>
#include <charconv>
#include <netinet/in.h>
#include <optional>
#include <string>

namespace pbxbridge::url {
namespace {

constexpr const char* not_a_url = "is not a URL such as scheme://host:port/path";

Error invalid(std::string text) { return Error{ErrorCategory::configuration, std::move(text)}; }

/// RFC 3986, section 2.
constexpr std::string_view url_characters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:/?#[]@!$&'()*+,;=%";

/// Boost.URL's own port_number() takes a number beyond 65,535 modulo 65,536.
std::optional<std::uint16_t> parse_port(std::string_view digits) {
  std::uint16_t port = 0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  const bool is_whole = code == std::errc{} && end == digits.data() + digits.size();
  return is_whole && port != 0 ? std::optional(port) : std::nullopt;
}

/// Boost.URL 1.81 takes "10.0.0.1.example" for the address 10.0.0.1 and a path ".example", so that a password would go
/// to another host than the one named. A letter before such a name keeps it whole.
bool is_name_with_leading_digit(std::string_view after_scheme) {
  const std::string_view host = after_scheme.substr(0, after_scheme.find_first_of(":/?#"));
  in_addr address{};
  return !host.empty() && std::isdigit(static_cast<unsigned char>(host.front())) != 0 &&
         inet_pton(AF_INET, std::string(host).c_str(), &address) != 1;
}

/// An IPv6 address alone has them.
std::string in_brackets(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

}  // namespace

Result<Endpoint> parse_endpoint(std::string_view given) {
  // Boost.URL 1.81 asserts on a path that begins with what no URL has ("w:|").
  const auto scheme_end = given.find("://");
  if (given.find_first_not_of(url_characters) != std::string_view::npos || scheme_end == std::string_view::npos)
    return invalid(not_a_url);
  std::string url(given);
  const bool has_letter_before = is_name_with_leading_digit(given.substr(scheme_end + 3));
  if (has_letter_before) url.insert(scheme_end + 3, 1, 'x');
  const auto parsed = boost::urls::parse_uri(url);
  if (!parsed) return invalid(not_a_url);
  if (parsed->has_userinfo())
    return invalid("holds a user name or password; give them as \"username\" and \"password_file\"");
  if (!parsed->has_authority() || parsed->host().empty()) return invalid("names no host");
  // A decoded host could hold anything, such as a line break, and it gets into requests and messages.
  if (parsed->encoded_host().find('%') != std::string_view::npos) return invalid("has a percent sign in the host");
  if (parsed->host_type() == boost::urls::host_type::ipvfuture) return invalid("has an address of no known kind");
  const auto port = parse_port(parsed->port());
  if (parsed->has_port() && !port) return invalid("names no port from 1 to 65535");

  Endpoint endpoint;
  endpoint.scheme = text::lower_case(parsed->scheme());
  endpoint.host = parsed->host_address().substr(has_letter_before ? 1 : 0);
  endpoint.port = port.value_or(0);
  endpoint.target = parsed->encoded_target();
  if (endpoint.target.empty() || endpoint.target.front() != '/') endpoint.target.insert(0, 1, '/');
  return endpoint;
}

std::string host_and_port(const std::string& host, int port) { return in_brackets(host) + ":" + std::to_string(port); }

std::string authority(const Endpoint& endpoint) {
  return endpoint.port == 0 ? in_brackets(endpoint.host) : host_and_port(endpoint.host, endpoint.port);
}

}  // namespace pbxbridge::url
