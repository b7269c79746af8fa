#include "sink/mqtt/server_reference.hpp"

#include "text/ascii.hpp"
#include "text/peer_words.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstdint>
#include <string>

namespace pbxbridge::sink {
namespace {

constexpr auto none = std::string_view::npos;

/// Takes the text before the first `separator` off `rest`, and the separator with it.
std::string_view take_part(std::string_view& rest, char separator) {
  const auto end = rest.find(separator);
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(end == none ? rest.size() : end + 1);
  return part;
}

bool is_address(int family, std::string_view text) {
  in6_addr address{};
  return inet_pton(family, std::string(text).c_str(), &address) == 1;
}

/// RFC 1123, 2.1.
bool is_label(std::string_view label) {
  constexpr std::size_t longest = 63;
  if (label.empty() || label.size() > longest || label.starts_with('-') || label.ends_with('-')) return false;
  return std::ranges::all_of(label, [](char c) { return text::is_letter(c) || text::is_digit(c) || c == '-'; });
}

bool is_name(std::string_view name) {
  constexpr std::size_t longest = 253;
  text::HiddenParts numbers;
  text::hide_numbers(name, numbers);
  if (!numbers.empty() || name.size() > longest || name.ends_with('.')) return false;
  std::string_view label;
  while (!name.empty())
    if (label = take_part(name, '.'); !is_label(label)) return false;
  return std::ranges::any_of(label, text::is_letter);  // no top-level domain is a number
}

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port > 0;
}

/// `reference` is one of the list: `name`, `name:port`, `192.0.2.7:port`, `[2001:db8::7]:port`.
bool is_host(std::string_view reference) {
  if (reference.starts_with('[')) {
    reference.remove_prefix(1);
    const auto bracket = reference.find(']');
    if (bracket == none || !is_address(AF_INET6, reference.substr(0, bracket))) return false;
    reference.remove_prefix(bracket + 1);
    return reference.empty() || (reference.starts_with(':') && is_port(reference.substr(1)));
  }
  const bool has_port = reference.find(':') != none;
  const std::string_view host = take_part(reference, ':');
  if (has_port && !is_port(reference)) return false;
  return is_address(AF_INET, host) || is_name(host);
}

}  // namespace

bool is_list_of_hosts(std::string_view reference) {
  constexpr std::size_t longest = 400;
  if (reference.empty() || reference.size() > longest) return false;
  bool has_host = false;
  while (!reference.empty()) {
    const std::string_view host = take_part(reference, ' ');
    if (host.empty()) continue;
    if (!is_host(host)) return false;
    has_host = true;
  }
  return has_host;
}

}  // namespace pbxbridge::sink
