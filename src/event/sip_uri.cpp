#include "event/sip_uri.hpp"

#include "text/ascii.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

namespace pbxbridge::event {

namespace {

using text::is_digit;

bool is_white_space(char character) {
  return character == ' ' || character == '\t' || character == '\r' || character == '\n';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_white_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_white_space(text.back())) text.remove_suffix(1);
  return text;
}

bool begins_with_ignoring_case(std::string_view text, std::string_view lower_case) {
  if (text.size() < lower_case.size()) return false;
  return std::equal(lower_case.begin(), lower_case.end(), text.begin(),
                    [](char expected, char actual) { return expected == (actual | 0x20) || expected == actual; });
}

/// Position after the quoted string that begins at `position`; nothing where its quotation mark is never closed.
std::optional<std::size_t> end_of_quoted(std::string_view text, std::size_t position) {
  for (std::size_t i = position + 1; i < text.size(); ++i) {
    if (text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      return i + 1;
  }
  return std::nullopt;
}

std::optional<char> unescaped(std::string_view text, std::size_t position) {
  if (text[position] != '%' || text.size() - position < 3) return std::nullopt;
  unsigned byte = 0;
  const auto* const begin = text.data() + position + 1;
  const auto [end, error] = std::from_chars(begin, begin + 2, byte, 16);
  if (error != std::errc() || end != begin + 2) return std::nullopt;
  return static_cast<char>(byte);
}

std::string_view unescaped(std::string_view text, std::string& buffer) {
  if (text.find('%') == std::string_view::npos) return text;
  buffer.clear();
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = unescaped(text, i);
    buffer += byte.value_or(text[i]);
    if (byte) i += 2;
  }
  return buffer;
}

std::string_view without_parameters(std::string_view text) { return text.substr(0, text.find(';')); }

/// Returns whether `text` begins as a telephone number does (RFC 3261 section 25.1, telephone-subscriber).
bool is_telephone_number(std::string_view text) {
  std::string buffer;
  const auto number = unescaped(trimmed(without_parameters(text)), buffer);
  const auto is_allowed = [](char character) {
    return is_digit(character) || std::string_view("+-.()*#ABCD").find(character) != std::string_view::npos;
  };
  return std::ranges::any_of(number, is_digit) && std::ranges::all_of(number, is_allowed);
}

/// Returns whether `text` cannot be a part of a display name.
bool is_address(std::string_view text) {
  return text.find_first_of(":@") != std::string_view::npos || is_telephone_number(text);
}

/// `text` without a display name in quotation marks before the address; what is in them where no address follows.
std::string_view without_quoted_name(std::string_view text) {
  if (!text.starts_with('"')) return text;
  const auto end = end_of_quoted(text, 0);
  if (!end) return text;
  const auto address = trimmed(text.substr(*end));
  return address.empty() ? trimmed(text.substr(1, *end - 2)) : address;
}

/// The URI of the first address in a list of `name-addr` and `addr-spec` (RFC 3261 section 25.1).
std::string_view first_uri(std::string_view text) {
  text = without_quoted_name(trimmed(text));
  std::size_t end = text.size();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      i = end_of_quoted(text, i).value_or(i + 1) - 1;
    } else if (text[i] == '<') {
      const auto uri = text.substr(i + 1);
      return trimmed(uri.substr(0, uri.find('>')));
    } else if (text[i] == ',') {
      end = std::min(end, i);
      if (is_address(text.substr(0, i))) break;
    }
  }
  return trimmed(text.substr(0, end));
}

enum class Scheme : std::uint8_t { none, sip, tel, other, urn };

struct SchemeName {
  std::string_view text;
  Scheme scheme;
};
/// RFC 3261 lets each URI stand in the place of a SIP URI (section 25.1, absoluteURI). These name a user as SIP does,
/// but for `urn`, which names nobody. A word that is none of them is a user before a password.
constexpr SchemeName schemes[] = {
    {"sip:", Scheme::sip},      {"sips:", Scheme::sip},   {"tel:", Scheme::tel},    {"im:", Scheme::other},
    {"pres:", Scheme::other},   {"xmpp:", Scheme::other}, {"h323:", Scheme::other}, {"mailto:", Scheme::other},
    {"callto:", Scheme::other}, {"urn:", Scheme::urn},
};

Scheme take_scheme(std::string_view& uri) {
  for (const auto& [text, scheme] : schemes) {
    if (!begins_with_ignoring_case(uri, text)) continue;
    uri.remove_prefix(text.size());
    return scheme;
  }
  return Scheme::none;
}

/// Returns the part before `@`, without a password.
std::string_view user_of(std::string_view userinfo) {
  const auto user = userinfo.substr(0, userinfo.find(':'));
  return is_telephone_number(user) ? without_parameters(user) : user;
}

/// Returns the text in the place of a host, if it is none.
std::string_view user_in_place_of_host(std::string_view host_and_more, bool has_scheme) {
  const auto host = trimmed(host_and_more.substr(0, host_and_more.find_first_of(";?:")));
  const bool is_host = host.starts_with('[') || (has_scheme && host.find('.') != std::string_view::npos);
  return is_host ? std::string_view() : host;
}

}  // namespace

std::string_view sip_user(std::string_view address, std::string& buffer) {
  auto uri = first_uri(address);
  const Scheme scheme = take_scheme(uri);
  const auto at = uri.find('@');
  std::string_view user;
  if (scheme == Scheme::tel || (scheme == Scheme::other && at == std::string_view::npos))
    user = uri.substr(0, uri.find_first_of(";?"));
  else if (at != std::string_view::npos)
    user = user_of(uri.substr(0, at));
  else if (scheme != Scheme::urn)
    user = user_in_place_of_host(uri, scheme == Scheme::sip);
  return unescaped(trimmed(user), buffer);
}

}  // namespace pbxbridge::event
