#include "app/admin_endpoint.hpp"

#include <string_view>
#include <utility>

namespace pbxbridge::app {

AdminEndpoint::AdminEndpoint(boost::asio::io_context& io, admin::Probes probes, observe::Log& log)
    : io_(io), probes_(std::move(probes)), log_(log) {}

Result<void> AdminEndpoint::use(const config::AdminConfig& settings) {
  auto token = settings.token.is_set() ? settings.token.read() : Result<std::string>(std::string());
  if (!token) return Error{ErrorCategory::configuration, "admin.token: " + token.error().text};
  if (settings.listen != listen_)
    if (auto listening = listen_instead(settings.listen); !listening) return listening;
  const admin::Access access({.token = std::move(*token), .hosts = settings.hosts});
  // Whoever listens without end was let in by the rules of then.
  if (server_ != nullptr && access != access_) server_->close_feeds();
  access_ = access;
  return {};
}

Result<std::unique_ptr<admin::HttpServer>> AdminEndpoint::listen(const std::string& address) {
  return admin::HttpServer::listen(
      io_, address, [this](const admin::Request& request) { return admin::respond(request, access_, probes_); });
}

/// The new address may be the old one by another name: then it is free only once the old server has gone.
Result<void> AdminEndpoint::listen_instead(const std::string& address) {
  if (address.empty()) {
    server_.reset();
    listen_.clear();
    return {};
  }
  auto server = listen(address);
  std::string_view consequence;
  if (!server && server_ != nullptr) {
    const std::string before = server_->address();
    server_.reset();
    server = listen(address);
    if (!server)
      if (auto again = listen(before)) server_ = std::move(again.value());
    if (server_ == nullptr) {
      listen_.clear();
      consequence = "; the address before is taken as well, so nothing answers until a reload finds one free";
    }
  }
  if (!server) return Error{server.error().category, "admin.listen: " + server.error().text + std::string(consequence)};
  server_ = std::move(server.value());
  listen_ = address;
  log_.write(observe::log_code::admin_listening, "", "the admin endpoint answers", {{"address", server_->address()}});
  return {};
}

}  // namespace pbxbridge::app
