#pragma once

#include "net/stream.hpp"
#include "pbxbridge/error.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::net {

struct HttpPost {
  StreamSettings server;
  std::string authority;  ///< authority of the URL, for `Host`
  std::string target;     ///< path and query
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

struct HttpAnswer {
  unsigned status = 0;
  std::string body;  ///< at most 64 KiB
};

/// Makes a connection for this one request, sends it and reads the answer; follows no redirection. Blocks its thread up
/// to `limit`, or until soon after `stopping` says so: not for the io thread.
Result<HttpAnswer> post(const HttpPost& request, std::chrono::milliseconds limit,
                        const std::function<bool()>& stopping);

}  // namespace pbxbridge::net
