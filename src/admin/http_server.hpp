#pragma once

#include "admin/responses.hpp"
#include "pbxbridge/error.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace pbxbridge::admin {

/// A small HTTP/1.1 server for operators and probes: no body is read, requests and connections are bounded in size,
/// number and time. Io thread only.
class HttpServer {
 public:
  static constexpr std::chrono::seconds default_timeout{10};
  using Handler = std::function<Response(std::string_view method, std::string_view target)>;

  /// Listens on `address` ("127.0.0.1:8686"; port 0: the kernel chooses) or says why it cannot.
  /// `request_timeout` is for reading one request, from its beginning or the answer before to its end, and for writing
  /// one answer.
  static Result<std::unique_ptr<HttpServer>> listen(boost::asio::io_context& io, std::string_view address,
                                                    Handler handler,
                                                    std::chrono::milliseconds request_timeout = default_timeout);
  ~HttpServer();

  /// Where it listens in fact.
  std::string address() const;

 private:
  class Listener;
  explicit HttpServer(std::shared_ptr<Listener> listener);
  std::shared_ptr<Listener> listener_;
};

}  // namespace pbxbridge::admin
