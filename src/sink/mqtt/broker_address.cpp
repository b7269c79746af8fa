#include "sink/mqtt/broker_address.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <algorithm>
#include <memory>
#include <utility>

namespace pbxbridge::sink {

using boost::asio::ip::tcp;

void resolve_host(const boost::asio::any_io_executor& executor, const std::string& host, std::uint16_t port,
                  std::function<void(Result<std::string> address)> done) {
  auto resolver = std::make_shared<tcp::resolver>(executor);
  resolver->async_resolve(
      host, std::to_string(port), tcp::resolver::numeric_service,
      [resolver, host, done = std::move(done)](boost::system::error_code error, tcp::resolver::results_type found) {
        if (error || found.empty())
          return done(Error{ErrorCategory::network, "the name " + host + " cannot be resolved: " + error.message()});
        const auto ipv4 =
            std::ranges::find_if(found, [](const auto& entry) { return entry.endpoint().address().is_v4(); });
        done((ipv4 != found.end() ? *ipv4 : *found.begin()).endpoint().address().to_string());
      });
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
