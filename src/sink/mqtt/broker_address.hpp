#pragma once

#include "net/host_lookup.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <string>

namespace pbxbridge::sink {

/// Which of a host's addresses to connect to: an IPv4 address where there is one, as paho itself chooses, so that a
/// `localhost` with a broker on 127.0.0.1 alone works. `addresses` is not empty.
std::string preferred_address(const net::HostLookup::Addresses& addresses);

/// Finds out what the system says about a TCP connection to `address`, which paho does not tell: an error, or an empty
/// text where the connection is taken. The connection is closed at once. Without a limit of its own.
void probe_connection(const boost::asio::any_io_executor& executor, const std::string& address, std::uint16_t port,
                      std::function<void(std::string error)> done);

}  // namespace pbxbridge::sink
