#include "config/config.hpp"

#include "config/schema/names.hpp"
#include "config/schema/schema.hpp"
#include "url/loopback.hpp"

#include <map>

namespace pbxbridge::config {

namespace {

void check_root(const Config& config, const Written& written, Report& report) {
  if (config.pbx.empty()) report.error(written.location("pbx"), "at least one PBX is needed");
  if (config.sinks.empty()) report.error(written.location("sinks"), "at least one sink is needed");
  if (config.routes.empty()) report.error(written.location("routes"), "at least one route is needed");
  std::map<std::string_view, Location> first;
  for (const PbxConfig& pbx : config.pbx) {
    const auto [earlier, is_first] = first.emplace(pbx.name, pbx.location);
    if (!is_first && !pbx.name.empty())
      report.error(pbx.location,
                   "the name \"" + pbx.name + "\" is taken by the PBX in line " + std::to_string(earlier->second.line));
  }
}

void check_admin(const AdminConfig& admin, const Written& written, Report& report) {
  if (admin.listen.empty() || !check_listen_address(admin.listen).empty()) return;
  std::string_view host = std::string_view(admin.listen).substr(0, admin.listen.rfind(':'));
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  if (!url::is_loopback(host))
    report.warning(
        written.location("listen"),
        "listen: the endpoint asks for no password, so whoever reaches this address can read names and "
        "numbers of your PBXs and sinks; listen on 127.0.0.1, or let a firewall or network policy keep others out");
}

}  // namespace

const Schema<AdminConfig>& AdminConfig::schema() {
  static const auto schema =
      Schema<AdminConfig>("The HTTP endpoint for health and metrics: `/livez`, `/readyz`, `/metrics`.")
          .field(
              "listen", &AdminConfig::listen,
              {.text =
                   "Address and port to listen on; port 0 takes a free one, `\"\"` turns the endpoint off. It has no "
                   "authentication: open it to trusted networks only.",
               .validate = check_listen_address})
          .check(check_admin);
  return schema;
}

const Schema<Config>& Config::schema() {
  static const auto schema =
      Schema<Config>("The whole configuration file.")
          .field("pbx", &Config::pbx, {.text = "The PBX accounts whose events are received.", .required = true})
          .field("sinks", &Config::sinks, {.text = "Where events can go, by a name of your choice.", .required = true})
          .field("routes", &Config::routes, {.text = "Which events go to which sink.", .required = true})
          .field("spool", &Config::spool, {.text = "What holds events between the PBX and the sinks."})
          .field("admin", &Config::admin, {.text = "The HTTP endpoint for health and metrics."})
          .field(
              "shutdown_timeout", &Config::shutdown_timeout,
              {.text = "How long events in flight are waited for when pbxbridge is asked to stop.", .maximum = 600'000})
          .check(check_root);
  return schema;
}

}  // namespace pbxbridge::config
