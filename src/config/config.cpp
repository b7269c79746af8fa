#include "config/config.hpp"

#include "config/schema/exposure.hpp"
#include "pbxbridge/config/names.hpp"
#include "pbxbridge/config/schema.hpp"
#include "url/loopback.hpp"

#include <map>
#include <sys/un.h>

namespace pbxbridge::config {

namespace {

void check_pbxs(const Config& config, const WrittenKeys& written, Report& report) {
  if (config.pbx.empty()) report.error(written.location("pbx"), "at least one PBX is needed");
  std::map<std::string_view, Location> first;
  for (const PbxConfig& pbx : config.pbx) {
    const auto [earlier, is_first] = first.emplace(pbx.name, pbx.location);
    if (!is_first && !pbx.name.empty())
      report.error(pbx.location,
                   "the name \"" + pbx.name + "\" is taken by the PBX in line " + std::to_string(earlier->second.line));
  }
}

void check_sinks(const Config& config, const WrittenKeys& written, Report& report) {
  if (config.sinks.empty()) report.error(written.location("sinks"), "at least one sink is needed");
}

void check_routes(const Config& config, const WrittenKeys& written, Report& report) {
  if (config.routes.empty()) report.error(written.location("routes"), "at least one route is needed");
}

bool is_open_to_others(const AdminConfig& admin) {
  if (admin.listen.empty() || !check_listen_address(admin.listen).empty()) return false;
  std::string_view host = std::string_view(admin.listen).substr(0, admin.listen.rfind(':'));
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  return !url::is_loopback(host);
}

void check_token(const AdminConfig& admin, const WrittenKeys& written, Report& report) {
  constexpr std::size_t shortest_token = 16;
  if (const auto token = admin.token.is_set() ? admin.token.read() : Result<std::string>(std::string());
      token && !token->empty() && token->size() < shortest_token)
    report.error(written.location("token"),
                 "token: must have at least 16 characters, so that nobody finds it by trying");
}

void check_exposure(const AdminConfig& admin, const WrittenKeys& written, Report& report) {
  if (written.has("token") || !is_open_to_others(admin)) return;
  constexpr std::string_view readable =
      "listen: the endpoint asks for no token, so whoever reaches this address can read names and states of your PBXs "
      "and sinks";
  if (admin.allow_unauthenticated)
    report.warning(written.location("listen"),
                   std::string(readable) + "; let a firewall or network policy keep others out, or set admin.token");
  else
    report.error(written.location("listen"),
                 std::string(readable) +
                     "; set admin.token or admin.token_file, listen on 127.0.0.1, or set "
                     "allow_unauthenticated: true where a firewall or network policy keeps others out");
}

void check_control_socket(const AdminConfig& admin, const WrittenKeys& written, Report& report) {
  if (admin.control_socket.empty()) return;
  if (const std::string exposed = exposed_to_writers(admin.control_socket.parent_path()); !exposed.empty())
    report.warning(written.location("control_socket"), "control_socket: " + exposed);
}

/// Other programs have other working directories.
std::string check_control_socket_path(std::string_view text) {
  constexpr std::size_t longest = sizeof(sockaddr_un::sun_path) - 1;
  if (!text.starts_with('/')) return "expected an absolute path";
  return text.size() > longest ? "is longer than the 107 bytes of a socket's path" : "";
}

std::string check_host(std::string_view text) {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
  if (text.empty() || text.find_first_not_of(allowed) != std::string_view::npos)
    return "expected a name of a machine, without a port";
  return {};
}

}  // namespace

std::filesystem::path Config::control_socket() const {
  if (!admin.control_socket.empty()) return admin.control_socket;
  return spool.type == SpoolType::disk ? spool.path / "control.sock" : std::filesystem::path();
}

const Schema<AdminConfig>& AdminConfig::schema() {
  static const auto schema =
      Schema<AdminConfig>(
          "How operators ask: the HTTP endpoint (`/`, `/status`, `/livez`, `/readyz`, `/metrics`) and the control "
          "socket.")
          .field(
              "listen", &AdminConfig::listen,
              {.text =
                   "Address and port to listen on; port 0 takes a free one, `\"\"` turns the endpoint off. Other than "
                   "loopback needs `token` or `allow_unauthenticated`.",
               .validate = check_listen_address})
          .field("token", &AdminConfig::token,
                 {.text = "Token that each request must carry, but for `/livez` and `/readyz`: `Authorization: Bearer "
                          "TOKEN`, or in a browser as the password of any user. At least 16 characters. Read at the "
                          "start and at a reload.",
                  .example = "${ADMIN_TOKEN}"})
          .field("allow_unauthenticated", &AdminConfig::allow_unauthenticated,
                 {.text = "Whether to answer without a token on other addresses than loopback, too."})
          .field("hosts", &AdminConfig::hosts,
                 {.text = "Names by which the endpoint is asked, besides `localhost` and addresses. A request with "
                          "another name in its `Host` header is rejected, unless it carries the token: a page on "
                          "another site could make a browser ask.",
                  .example = "[pbxbridge, bridge.example.com]",
                  .validate = check_host})
          .field(
              "control_socket", &AdminConfig::control_socket,
              {.text = "Unix socket on which `pbxbridge tap`, and what changes a spool in use, asks the bridge. Only "
                       "the user that pbxbridge runs as can connect. Left out: `control.sock` in the directory of "
                       "the spool; with a spool in memory there is none.",
               .example = "/run/pbxbridge/control.sock",
               .validate = check_control_socket_path})
          .check({"token"}, check_token)
          .check({"control_socket"}, check_control_socket)
          .check({"listen", "allow_unauthenticated"}, check_exposure);
  return schema;
}

const Schema<Config>& Config::schema() {
  static const auto schema =
      Schema<Config>("The whole configuration file.")
          .field("plugins", &Config::plugins,
                 {.text = "Shared objects that bring further types of sinks, by their absolute paths. They are loaded "
                          "once, at the start; none that users other than root and pbxbridge's may change.",
                  .example = "[/usr/lib/pbxbridge/plugins/nats.so]"})
          .field("pbx", &Config::pbx, {.text = "The PBX accounts whose events are received.", .required = true})
          .field("sinks", &Config::sinks, {.text = "Where events can go, by a name of your choice.", .required = true})
          .field("routes", &Config::routes, {.text = "Which events go to which sink.", .required = true})
          .field("spool", &Config::spool, {.text = "What holds events between the PBX and the sinks."})
          .field("state", &Config::state,
                 {.text = "How the state of extensions, queues, agents and calls is followed."})
          .field("admin", &Config::admin, {.text = "The HTTP endpoint and the control socket."})
          .field("home_assistant", &Config::home_assistant, {.text = "What Home Assistant finds by itself."})
          .field(
              "shutdown_timeout", &Config::shutdown_timeout,
              {.text = "How long events in flight are waited for when pbxbridge is asked to stop.", .maximum = 600'000})
          .check({"pbx"}, check_pbxs)
          .check({"sinks"}, check_sinks)
          .check({"routes"}, check_routes);
  return schema;
}

}  // namespace pbxbridge::config
