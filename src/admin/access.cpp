#include "admin/access.hpp"

#include "text/ascii.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <optional>
#include <utility>

namespace pbxbridge::admin {

namespace {

constexpr std::size_t longest_credentials = 4096;

std::array<unsigned char, SHA256_DIGEST_LENGTH> digest(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> hash{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), hash.data());
  return hash;
}

/// Compares in a time that reveals nothing about the token.
bool is_same(std::string_view left, std::string_view right) {
  return CRYPTO_memcmp(digest(left).data(), digest(right).data(), SHA256_DIGEST_LENGTH) == 0;
}

bool is_same_name(std::string_view left, std::string_view right) {
  return text::lower_case(left) == text::lower_case(right);
}

/// The rest after `scheme` and blanks; nothing where it is another one.
std::optional<std::string_view> credentials(std::string_view authorization, std::string_view scheme) {
  if (authorization.size() <= scheme.size() || !is_same_name(authorization.substr(0, scheme.size()), scheme) ||
      authorization[scheme.size()] != ' ')
    return std::nullopt;
  const auto begin = authorization.find_first_not_of(' ', scheme.size());
  return begin == std::string_view::npos ? std::string_view() : authorization.substr(begin);
}

/// Empty where it is no Base64.
std::string base64_decoded(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0 || text.size() > longest_credentials) return {};
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (size < 0) return {};
  const std::size_t padding = text.size() - (text.find_last_not_of('=') + 1);
  if (padding > 2) return {};
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

bool is_ip_address(const std::string& host) {
  in6_addr address{};
  return inet_pton(AF_INET, host.c_str(), &address) == 1 || inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

/// The name or address in a `Host` header, without port and brackets; empty where it is neither.
std::string_view without_port(std::string_view host) {
  if (host.find('@') != std::string_view::npos) return {};  // what stands before it is no host
  if (host.starts_with('[')) {
    const auto end = host.find(']');
    return end == std::string_view::npos ? std::string_view() : host.substr(1, end - 1);
  }
  return host.substr(0, host.find(':'));
}

}  // namespace

Access::Access(Settings settings) : settings_(std::move(settings)) {}

Access::Verdict Access::judge(const Request& request) const {
  if (!settings_.token.empty()) return has_token(request.authorization) ? Verdict::allowed : Verdict::wrong_token;
  // A browser always sends one.
  const bool known = request.hosts.empty() || (request.hosts.size() == 1 && knows_host(request.hosts.front()));
  return known ? Verdict::allowed : Verdict::unknown_host;
}

bool Access::has_token(std::string_view authorization) const {
  if (const auto token = credentials(authorization, "Bearer")) return is_same(*token, settings_.token);
  if (const auto encoded = credentials(authorization, "Basic")) {
    const std::string user_and_password = base64_decoded(*encoded);
    const auto colon = user_and_password.find(':');
    return colon != std::string::npos &&
           is_same(std::string_view(user_and_password).substr(colon + 1), settings_.token);
  }
  return false;
}

bool Access::knows_host(std::string_view header) const {
  std::string_view host = without_port(header);
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.empty()) return false;
  const auto is_it = [host](std::string_view name) { return is_same_name(host, name); };
  return is_it("localhost") || is_ip_address(std::string(host)) || std::ranges::any_of(settings_.hosts, is_it);
}

}  // namespace pbxbridge::admin
