#pragma once

#include "pbx/dialect.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace pbxbridge::pbx {

/// Keeps the order of the vendor's examples.
using OrderedJson = nlohmann::ordered_json;

/// Never throws: bytes that are no UTF-8 are replaced.
inline std::string to_text(const OrderedJson& message) {
  return message.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

/// An access token stands in place of the password. The vendor gives no example of it.
inline void add_secret(OrderedJson& message, const Secrets& secrets) {
  if (!secrets.access_token.empty())
    message["access_token"] = secrets.access_token;
  else
    message["password"] = secrets.password;
}

}  // namespace pbxbridge::pbx
