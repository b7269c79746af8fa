#pragma once

#include "admin/http_server.hpp"
#include "simulator/server/server.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>
#include <string>

namespace pbxbridge::sim {

/// Takes commands over HTTP from this machine: `POST /control/drop/rst` is the command `drop rst`. Each word is a
/// segment of the path, percent-encoded where it must be; the answer is `ok ...` with 200, or `error: ...` with 400.
/// `GET /control` lists the faults.
class HttpControl {
 public:
  /// `address` as `127.0.0.1:0`. Throws std::runtime_error where it is not of this machine or cannot be listened on.
  HttpControl(boost::asio::io_context& io, const std::string& address, Server& server);

  std::string url() const;

 private:
  admin::Response respond(const admin::Request& request);

  Server& server_;
  std::unique_ptr<admin::HttpServer> http_;
};

}  // namespace pbxbridge::sim
