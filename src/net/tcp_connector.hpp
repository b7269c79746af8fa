#pragma once

#include "net/host_lookup.hpp"
#include "pbxbridge/config/values.hpp"
#include "pbxbridge/error.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace pbxbridge::net {

/// Makes a TCP connection to a host: looks it up, then tries its addresses one after the other. Each gets its share of
/// `limit`, and one share is left for what comes after the connection, so that an address that swallows packets does
/// not use up the time of the next. Io thread only.
class TcpConnector : public std::enable_shared_from_this<TcpConnector> {
 public:
  using Handler = std::function<void(Result<boost::asio::ip::tcp::socket>)>;
  using Progress = std::function<void(std::string phase)>;

  TcpConnector(boost::asio::any_io_executor executor, config::Duration limit, Progress progress, Handler done);

  void start(const std::string& host, std::uint16_t port);
  /// Neither handler is called any more.
  void abandon();

 private:
  void looked_up(const Result<HostLookup::Addresses>& result);
  void try_next();
  void connected(const boost::system::error_code& error);
  void finish(Result<boost::asio::ip::tcp::socket> result);

  boost::asio::any_io_executor executor_;
  config::Duration limit_;
  Progress progress_;
  Handler done_;  // null once done or abandoned
  std::optional<HostLookup> lookup_;
  HostLookup::Addresses addresses_;
  std::size_t next_ = 0;
  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer timer_;
  bool timed_out_ = false;
  std::string failures_;  // one for each address tried, for the error
};

}  // namespace pbxbridge::net
