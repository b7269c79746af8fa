#pragma once

#include "pbxbridge/error.hpp"

#include <chrono>
#include <string>

namespace pbxbridge::admin {

struct HttpAnswer {
  unsigned status = 0;
  std::string body;
};

/// Asks an admin endpoint on `address` ("127.0.0.1:8686") for `target`. Blocks, for `timeout` at the most. `token`:
/// empty where none is asked for.
Result<HttpAnswer> http_get(const std::string& address, const std::string& target, const std::string& token,
                            std::chrono::milliseconds timeout);

}  // namespace pbxbridge::admin
