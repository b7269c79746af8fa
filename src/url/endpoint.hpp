#pragma once

#include "pbxbridge/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace pbxbridge::url {

/// Place to connect to, from a URL.
struct Endpoint {
  std::string scheme;      ///< lower case
  std::string host;        ///< a name or an address, an IPv6 address without its brackets
  std::uint16_t port = 0;  ///< 0 where the URL names none
  std::string target;      ///< path and query as they stand, at least "/"
  bool operator==(const Endpoint&) const = default;
};

/// Rejects what has no scheme or host, a host that is written with percent signs, a port out of range, and user
/// information: credentials have places of their own in the configuration. The error never repeats the URL.
Result<Endpoint> parse_endpoint(std::string_view url);

/// `host:port`, with brackets around an IPv6 address.
std::string host_and_port(const std::string& host, int port);
/// The same, without the port where it is 0.
std::string authority(const Endpoint& endpoint);

}  // namespace pbxbridge::url
