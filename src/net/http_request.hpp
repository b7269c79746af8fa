#pragma once

#include "async/latest_timer.hpp"
#include "net/stream.hpp"
#include "pbxbridge/error.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::net {

struct HttpRequest {
  std::string method = "GET";
  StreamSettings server;
  std::string authority;  ///< authority of the URL, for `Host`
  std::string target;     ///< path and query
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::size_t answer_size_max = std::size_t{64} * 1024;  ///< of the answer's body, in bytes; a larger one is an error
};

struct HttpAnswer {
  unsigned status = 0;
  std::string body;
};

/// Makes a connection for one request, sends it and reads the answer; follows no redirection. Io thread only; it is
/// dropped with this object.
class HttpExchange {
 public:
  /// `done` is called once, in a turn of the io loop of its own, within `limit`.
  HttpExchange(const boost::asio::any_io_executor& executor, const HttpRequest& request,
               std::chrono::milliseconds limit, std::function<void(Result<HttpAnswer>)> done);
  ~HttpExchange();
  HttpExchange(const HttpExchange&) = delete;
  HttpExchange& operator=(const HttpExchange&) = delete;

 private:
  class Connection;
  std::shared_ptr<Connection> connection_;
  async::LatestTimer limit_timer_;
};

/// The same for a thread that has nothing else to do: blocks it up to `limit`, or until soon after `stopping` says so.
Result<HttpAnswer> exchange(const HttpRequest& request, std::chrono::milliseconds limit,
                            const std::function<bool()>& stopping);

}  // namespace pbxbridge::net
