#include "config/schema/url_secrets.hpp"

#include "config/schema/secret_names.hpp"
#include "text/ascii.hpp"
#include "text/secrets.hpp"

#include <algorithm>

namespace pbxbridge::config {

namespace {

/// The parts of one URL.
struct UrlParts {
  std::string_view scheme;  ///< with the slashes
  std::string_view user;    ///< without the `@`
  std::string_view place;   ///< from there to the query
  std::string_view query;   ///< without the question mark
  bool has_user = false;
  bool has_query = false;
};

/// Returns whether the `@` after it stands in a path or a query: `pbx.example.com:8443/`. In `user:pa` a password goes
/// on that should have been percent-encoded.
bool is_host_and_path(std::string_view before_at) {
  const std::size_t end = before_at.find_first_of("/?");
  if (end == std::string_view::npos) return false;
  const std::string_view host = before_at.substr(0, end);
  const std::size_t bracket = host.starts_with('[') ? host.find(']') : std::string_view::npos;
  const std::size_t colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
  return colon == std::string_view::npos || std::ranges::all_of(host.substr(colon + 1), text::is_digit);
}

/// Nothing where it is no URL.
UrlParts parts_of(std::string_view value) {
  UrlParts parts;
  const std::size_t scheme = value.find("://");
  if (scheme == std::string_view::npos) return parts;
  parts.scheme = value.substr(0, scheme + 3);
  value.remove_prefix(scheme + 3);
  const std::size_t at = value.rfind('@');
  if (at != std::string_view::npos && !is_host_and_path(value.substr(0, at))) {
    parts.has_user = true;
    parts.user = value.substr(0, at);
    value.remove_prefix(at);
  }
  const std::size_t question = value.find('?');
  parts.place = value.substr(0, question);
  parts.has_query = question != std::string_view::npos;
  if (parts.has_query) parts.query = value.substr(question + 1);
  return parts;
}

template <class Visit>
void for_each_parameter(std::string_view query, Visit visit) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view parameter = query.substr(0, end);
    const std::size_t equals = parameter.find('=');
    // A value without a name is as secret as one with it.
    const std::size_t value = equals == std::string_view::npos ? 0 : equals + 1;
    visit(parameter.substr(0, value), parameter.substr(value));
    query.remove_prefix(std::min(end + 1, query.size()));
  }
}

/// A user without a password, or a value that nothing calls a secret, may be a word that stands in many lines.
bool is_as_long_as_tokens(std::string_view value) {
  constexpr std::size_t shortest_token = 16;
  return value.size() >= shortest_token;
}

}  // namespace

std::string without_url_secrets(std::string_view value) {
  const UrlParts parts = parts_of(value);
  if (!parts.has_user && !parts.has_query) return std::string(value);
  std::string shown(parts.scheme);
  if (parts.has_user) shown += text::secret_mask;
  shown += parts.place;
  if (parts.has_query) shown += '?';
  std::string_view separator;
  for_each_parameter(parts.query, [&](std::string_view name, std::string_view) {
    shown.append(separator).append(name).append(text::secret_mask);
    separator = "&";
  });
  return shown;
}

void remember_url_secrets(std::string_view value) {
  const UrlParts parts = parts_of(value);
  const std::size_t colon = parts.user.find(':');
  if (colon != std::string_view::npos)
    text::remember_secret(parts.user.substr(colon + 1));
  else if (is_as_long_as_tokens(parts.user))
    text::remember_secret(parts.user);
  std::size_t parameters = 0;
  for_each_parameter(parts.query, [&parameters](std::string_view name, std::string_view parameter) {
    constexpr std::size_t longer_than_most_words = 6;
    constexpr std::size_t most_parameters = 20;
    if (++parameters > most_parameters) return;
    const std::string key = lower_case_key(name.substr(0, name.find('=')));
    const bool is_called_secret =
        parameter.size() >= longer_than_most_words && (key == "key" || key == "sig" || may_name_secret(key, {}));
    // A placeholder is none: `?event={family}`.
    if ((is_called_secret || is_as_long_as_tokens(parameter)) && parameter.find('{') == std::string_view::npos)
      text::remember_secret(parameter);
  });
}

}  // namespace pbxbridge::config
