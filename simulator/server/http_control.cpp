#include "simulator/server/http_control.hpp"

#include "admin/access.hpp"
#include "admin/listen_address.hpp"
#include "simulator/faults/fault.hpp"
#include "simulator/server/control.hpp"
#include "text/decoded.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace pbxbridge::sim {

namespace {

constexpr std::string_view path = "/control";

/// `/drop/rst` is `drop rst`.
std::string command_of(std::string_view segments) {
  segments.remove_prefix(std::min<std::size_t>(segments.size(), 1));
  std::string line(segments);
  std::ranges::replace(line, '/', ' ');
  return text::percent_decoded(text::undecoded(line)).text;
}

std::unique_ptr<admin::HttpServer> listen(boost::asio::io_context& io, const std::string& address,
                                          admin::HttpServer::Handler handler) {
  const auto endpoint = admin::parse_listen_address(address);
  if (!endpoint) throw std::runtime_error(fmt::format("--control-http: {}", endpoint.error().text));
  if (!endpoint->address().is_loopback())
    throw std::runtime_error("--control-http: commands are taken from this machine only: 127.0.0.1:PORT or [::1]:PORT");
  auto http = admin::HttpServer::listen(io, address, std::move(handler));
  if (!http) throw std::runtime_error(fmt::format("--control-http: {}", http.error().text));
  return std::move(*http);
}

}  // namespace

HttpControl::HttpControl(boost::asio::io_context& io, const std::string& address, Server& server)
    : server_(server), http_(listen(io, address, [this](const auto& request) { return respond(request); })) {}

std::string HttpControl::url() const { return fmt::format("http://{}{}", http_->address(), path); }

admin::Response HttpControl::respond(const admin::Request& request) {
  // A page of somebody else's that a browser on this machine has loaded must not reach it, neither under a name of its
  // own nor by a form or script that posts here.
  if (admin::Access().judge(request) != admin::Access::Verdict::allowed)
    return {.status = 403, .body = "error: ask by an IP address\n"};
  if (!request.origin.empty()) return {.status = 403, .body = "error: no commands are taken from a page\n"};
  const auto target = request.target;
  if (target == path && request.method == "GET") return {.body = faults_text()};
  if (!target.starts_with(path) || target.size() <= path.size() + 1 || target[path.size()] != '/')
    return {.status = 404, .body = fmt::format("error: commands are POST {}/COMMAND\n", path)};
  if (request.method != "POST")
    return {.status = 405, .body = "error: commands are posted\n", .headers = {{"Allow", "POST"}}};
  const auto result = outcome(server_, command_of(target.substr(path.size())));
  return {.status = result.starts_with("ok") ? 200U : 400U, .body = result + "\n"};
}

}  // namespace pbxbridge::sim
