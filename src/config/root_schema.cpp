// The top level of the configuration.

#include "config/config.hpp"
#include "config/names.hpp"

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

}  // namespace

const Schema<SpoolConfig>& SpoolConfig::schema() {
  static const auto schema =
      Schema<SpoolConfig>("What holds accepted events until every sink has them.")
          .field("type", &SpoolConfig::type, {.text = "`memory`: what is not delivered when pbxbridge ends is lost."})
          .field(
              "max_size", &SpoolConfig::max_size,
              {.text = "Memory for events that wait. Beyond it the oldest are dropped for the sinks that lag, counted.",
               .minimum = 1024 * 1024,
               .maximum = std::int64_t{1024} * 1024 * 1024 * 1024});
  return schema;
}

const Schema<AdminConfig>& AdminConfig::schema() {
  static const auto schema =
      Schema<AdminConfig>("The HTTP endpoint for health and metrics: `/livez`, `/readyz`, `/metrics`.")
          .field(
              "listen", &AdminConfig::listen,
              {.text =
                   "Address and port to listen on; port 0 takes a free one, `\"\"` turns the endpoint off. It has no "
                   "authentication: open it to trusted networks only.",
               .validate = check_listen_address});
  return schema;
}

const Schema<Config>& Config::schema() {
  static const auto schema =
      Schema<Config>("The whole configuration file.")
          .field("pbx", &Config::pbx, {.text = "The PBX accounts whose events are taken in.", .required = true})
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
