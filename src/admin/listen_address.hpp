#pragma once

#include "pbxbridge/error.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <string>
#include <string_view>

namespace pbxbridge::admin {

/// `IPv4:PORT` or `[IPv6]:PORT`; an error of the category `configuration` where it is neither.
Result<boost::asio::ip::tcp::endpoint> parse_listen_address(std::string_view address);

/// The same, of an endpoint.
std::string listen_address_text(const boost::asio::ip::tcp::endpoint& endpoint);

/// Address by which the same machine reaches what listens on `address`: loopback in place of all addresses.
std::string local_address(const std::string& address);

}  // namespace pbxbridge::admin
