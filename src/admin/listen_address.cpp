#include "admin/listen_address.hpp"

#include "url/endpoint.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <optional>
#include <system_error>

namespace pbxbridge::admin {

namespace {

namespace ip = boost::asio::ip;

std::optional<ip::tcp::endpoint> read(std::string_view address) {
  const auto colon = address.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = address.substr(0, colon);
  const std::string_view port_text = address.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
  if (error != std::errc() || end != port_text.data() + port_text.size()) return std::nullopt;
  boost::system::error_code invalid;
  const auto parsed = ip::make_address(std::string(host), invalid);
  if (invalid) return std::nullopt;
  return ip::tcp::endpoint(parsed, port);
}

}  // namespace

Result<ip::tcp::endpoint> parse_listen_address(std::string_view address) {
  if (const auto endpoint = read(address)) return *endpoint;
  return Error{ErrorCategory::configuration,
               fmt::format("'{}' is not an address and port such as 127.0.0.1:8686", address)};
}

std::string listen_address_text(const ip::tcp::endpoint& endpoint) {
  return url::host_and_port(endpoint.address().to_string(), endpoint.port());
}

std::string local_address(const std::string& address) {
  auto endpoint = read(address);
  if (!endpoint || !endpoint->address().is_unspecified()) return address;
  endpoint->address(endpoint->address().is_v6() ? ip::address(ip::address_v6::loopback())
                                                : ip::address(ip::address_v4::loopback()));
  return listen_address_text(*endpoint);
}

}  // namespace pbxbridge::admin
