#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::admin {

/// `IPv4:PORT` or `[IPv6]:PORT`; nothing where it is neither.
std::optional<boost::asio::ip::tcp::endpoint> parse_listen_address(std::string_view address);

/// The same, of an endpoint.
std::string listen_address_text(const boost::asio::ip::tcp::endpoint& endpoint);

/// Address by which the same machine reaches what listens on `address`: loopback in place of all addresses.
std::string local_address(const std::string& address);

}  // namespace pbxbridge::admin
