#include "pbx/read_secrets.hpp"

#include <simdjson.h>

#include <utility>

namespace pbxbridge::pbx {

namespace {

Result<std::string> read_secret(const config::Secret& secret) {
  if (!secret.is_set()) return std::string();
  auto value = secret.read();
  if (value && !simdjson::validate_utf8(value.value()))
    return Error{ErrorCategory::configuration, "the password or access token is not UTF-8"};
  return value;
}

}  // namespace

Result<Secrets> read_secrets(const config::AuthConfig& account) {
  auto password = read_secret(account.password);
  if (!password) return password.error();
  auto access_token = read_secret(account.access_token);
  if (!access_token) return access_token.error();
  return Secrets{std::move(password.value()), std::move(access_token.value())};
}

}  // namespace pbxbridge::pbx
