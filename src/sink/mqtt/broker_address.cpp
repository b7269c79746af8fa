#include "sink/mqtt/broker_address.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <algorithm>
#include <memory>
#include <utility>

namespace pbxbridge::sink {

using boost::asio::ip::tcp;

std::string preferred_address(const net::HostLookup::Addresses& addresses) {
  const auto ipv4 = std::ranges::find_if(addresses, [](const auto& each) { return each.address().is_v4(); });
  return (ipv4 != addresses.end() ? *ipv4 : addresses.front()).address().to_string();
}

void probe_connection(const boost::asio::any_io_executor& executor, const std::string& address, std::uint16_t port,
                      std::function<void(std::string error)> done) {
  auto socket = std::make_shared<tcp::socket>(executor);
  socket->async_connect(tcp::endpoint(boost::asio::ip::make_address(address), port),
                        [socket, done = std::move(done)](boost::system::error_code error) {
                          done(error ? error.message() : std::string());
                        });
}

}  // namespace pbxbridge::sink
