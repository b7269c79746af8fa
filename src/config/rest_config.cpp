#include "config/rest_config.hpp"

#include "config/pbx_config.hpp"
#include "pbxbridge/config/names.hpp"
#include "pbxbridge/config/schema.hpp"
#include "url/endpoint.hpp"
#include "url/loopback.hpp"

namespace pbxbridge::config {

namespace {

std::string check_rest_url(std::string_view text) {
  const auto endpoint = url::parse_endpoint(text);
  if (!endpoint) return endpoint.error().text;
  if (endpoint->scheme != "https" && endpoint->scheme != "http")
    return "must begin with https:// (or http:// for a PBX without TLS)";
  if (endpoint->target.find_first_of("?#") != std::string::npos) return "must end with the path, without a query";
  return {};
}

void check_rest_account(const RestConfig&, const WrittenKeys& written, Report& report) {
  if (written.has("username") != written.has("password"))
    report.error(written.struct_location(),
                 "give both \"username\" and \"password_file\" (or \"password\"), or neither");
}

}  // namespace

const Schema<RestConfig>& RestConfig::schema() {
  static const auto schema =
      Schema<RestConfig>(
          "The REST interface of a PBX of version 22. Where state is followed, it is asked which calls are open after "
          "a "
          "gap, and which queues and extensions there are where no snapshot comes. The certificate is verified as "
          "`tls` of the PBX says.")
          .field("url", &RestConfig::url,
                 {.text = "Address of the interface, usually with the port of the WebSocket.",
                  .example = "https://pbx.example.com:8887/api",
                  .required = true,
                  .validate = check_rest_url})
          .field("username", &RestConfig::username,
                 {.text = "User of the tenant that `auth.domain` names, with the role Admin or QueueManager. The "
                          "account of `auth` where it is left out.",
                  .example = "bridge",
                  .validate = check_not_empty})
          .field("password", &RestConfig::password, {.text = "Password of that user.", .example = "${PBX_PASSWORD}"})
          .check({}, check_rest_account);
  return schema;
}

void check_rest(const PbxConfig& pbx, const WrittenKeys& written, Report& report) {
  if (!pbx.rest) return;
  const Location at = written.location("rest");
  if (pbx.dialect == Dialect::v16) report.error(at, "\"rest\" is for version 22");
  if (pbx.auth.domain.empty())
    report.error(at, "\"rest\" lists the calls of one tenant, so that \"auth\" needs the \"domain\" of it");
  if (pbx.rest->username.empty() && (pbx.auth.username.empty() || !pbx.auth.password.is_set()))
    report.error(at, "\"rest\" needs a \"username\" with its password, for \"auth\" has none");
  const auto endpoint = url::parse_endpoint(pbx.rest->url.value);
  if (endpoint && endpoint->scheme == "http" && !url::is_loopback(endpoint->host))
    report.warning(pbx.rest->url.location, "http:// sends a password in clear text over the network; use https://");
}

}  // namespace pbxbridge::config
