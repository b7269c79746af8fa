#pragma once

#include "admin/request.hpp"
#include "admin/responses.hpp"
#include "pbxbridge/error.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace pbxbridge::admin {

/// A small HTTP/1.1 server for operators and probes: no body is read, requests and connections are bounded in size,
/// number and time. A new connection is always served, at the bound in place of the one that was idle for longest
/// (clients.hpp); those from the same machine and those from elsewhere have a bound each. Io thread only.
class HttpServer {
 public:
  struct Limits {
    std::chrono::milliseconds request{3'000};  ///< to read one, from its beginning or the answer before to its end
    std::chrono::milliseconds answer{10'000};  ///< to write one
  };
  using Handler = std::function<Response(const Request&)>;

  /// Listens on `address` ("127.0.0.1:8686"; port 0: the kernel chooses) or says why it cannot.
  static Result<std::unique_ptr<HttpServer>> listen(boost::asio::io_context& io, std::string_view address,
                                                    Handler handler, Limits limits);
  static Result<std::unique_ptr<HttpServer>> listen(boost::asio::io_context& io, std::string_view address,
                                                    Handler handler) {
    return listen(io, address, std::move(handler), Limits());
  }
  /// Ends the answers without end as well; others are still written.
  ~HttpServer();

  /// Ends the answers without end: whoever listens has to ask again.
  void close_feeds();
  /// Address on which it listens in fact.
  std::string address() const;

 private:
  class Listener;
  explicit HttpServer(std::shared_ptr<Listener> listener);
  std::shared_ptr<Listener> listener_;
};

}  // namespace pbxbridge::admin
