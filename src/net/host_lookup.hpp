#pragma once

#include "pbxbridge/error.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace pbxbridge::net {

/// Looks up the addresses of a host in a thread of its own: getaddrinfo cannot be interrupted, and Asio has one thread
/// for all of a process's look-ups, so that one name server that does not answer would delay every connection,
/// and the end of the process, too. Destroying
/// this object abandons the look-up at once; its thread then ends by itself and touches nothing any more.
class HostLookup {
 public:
  using Addresses = std::vector<boost::asio::ip::tcp::endpoint>;
  using Handler = std::function<void(const Result<Addresses>&)>;

  /// `done` is called once on `executor`, after the constructor has returned, unless this object is gone by then.
  HostLookup(boost::asio::any_io_executor executor, std::string host, std::uint16_t port, Handler done);
  ~HostLookup();
  HostLookup(const HostLookup&) = delete;
  HostLookup& operator=(const HostLookup&) = delete;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace pbxbridge::net
