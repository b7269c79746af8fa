#pragma once

#include "pbxbridge/error.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <string>

namespace pbxbridge::sink {

/// Finds an address of `host` without blocking: an IPv4 address where there is one, as paho itself chooses, so that a
/// `localhost` with a broker on 127.0.0.1 alone works. Without a limit of its own.
void resolve_host(const boost::asio::any_io_executor& executor, const std::string& host, std::uint16_t port,
                  std::function<void(Result<std::string> address)> done);

/// Finds out what the system says about a TCP connection to `address`, which paho does not tell: an error, or an empty
/// text where the connection is taken. The connection is closed at once. Without a limit of its own.
void probe_connection(const boost::asio::any_io_executor& executor, const std::string& address, std::uint16_t port,
                      std::function<void(std::string error)> done);

}  // namespace pbxbridge::sink
