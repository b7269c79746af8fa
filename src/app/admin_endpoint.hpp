#pragma once

#include "admin/http_server.hpp"
#include "config/config.hpp"
#include "observe/log.hpp"
#include "pbxbridge/error.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>
#include <string>

namespace pbxbridge::app {

/// The HTTP endpoint as the configuration has it, which may change. Io thread only.
class AdminEndpoint {
 public:
  AdminEndpoint(boost::asio::io_context& io, admin::Probes probes, observe::Log& log);

  /// Answers by these settings from now on; a token in a file is read again. An error leaves all as it was.
  Result<void> use(const config::AdminConfig& settings);

 private:
  Result<std::unique_ptr<admin::HttpServer>> listen(const std::string& address);
  Result<void> listen_instead(const std::string& address);

  boost::asio::io_context& io_;
  const admin::Probes probes_;
  observe::Log& log_;
  admin::Access access_;
  std::string listen_;  // as configured; empty: there is no server
  std::unique_ptr<admin::HttpServer> server_;
};

}  // namespace pbxbridge::app
