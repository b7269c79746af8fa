#include "pbxbridge/config/names.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstdint>

namespace pbxbridge::config {

std::string check_name(std::string_view text) {
  constexpr std::size_t longest = 64;
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
  if (text.empty() || text.size() > longest || text.find_first_not_of(allowed) != std::string_view::npos)
    return "a name has 1 to 64 letters, digits, \"_\", \"-\" and \".\"";
  return {};
}

std::string check_not_empty(std::string_view text) { return text.empty() ? "must not be empty" : ""; }

std::string key_text(std::string_view key) {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./<";
  constexpr std::string_view secret = "password";
  if (key.starts_with(secret) && key != secret && key != "password_file") return std::string(secret) + "...";
  const auto end = std::min(key.find_first_not_of(allowed), key.size());
  return std::string(key.substr(0, end)) + (end < key.size() ? "..." : "");
}

namespace {

/// An IPv6 address in brackets, as in a URL.
bool is_address(std::string_view host) {
  in6_addr address{};
  if (host.starts_with('[') && host.ends_with(']'))
    return inet_pton(AF_INET6, std::string(host.substr(1, host.size() - 2)).c_str(), &address) == 1;
  return inet_pton(AF_INET, std::string(host).c_str(), &address) == 1;
}

}  // namespace

std::string check_listen_address(std::string_view text) {
  if (text.empty()) return {};
  const std::size_t colon = text.rfind(':');
  const std::string_view host = text.substr(0, colon);
  std::uint16_t port = 0;
  bool port_is_number = false;
  if (colon != std::string_view::npos) {
    const std::string_view digits = text.substr(colon + 1);
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    port_is_number = code == std::errc{} && end == digits.data() + digits.size();
  }
  if (!is_address(host) || !port_is_number)
    return "expected an IP address and a port, such as 127.0.0.1:8686, 0.0.0.0:8686 or [::1]:8686";
  return {};
}

}  // namespace pbxbridge::config
