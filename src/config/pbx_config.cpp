#include "config/pbx_config.hpp"

#include "config/subscription_check.hpp"
#include "pbxbridge/config/names.hpp"
#include "pbxbridge/config/schema.hpp"
#include "url/endpoint.hpp"
#include "url/loopback.hpp"

#include <tuple>

namespace pbxbridge::config {

namespace {

std::string check_pbx_url(std::string_view text) {
  const auto endpoint = url::parse_endpoint(text);
  if (!endpoint) return endpoint.error().text;
  if (endpoint->scheme != "wss" && endpoint->scheme != "ws")
    return "must begin with wss:// (or ws:// for a PBX without TLS)";
  return {};
}

void check_account(const AuthConfig&, const WrittenKeys& written, Report& report) {
  const Location at = written.struct_location();
  const bool by_extension = written.has("extension_number");
  if (by_extension && written.has("username"))
    report.error(written.location("extension_number"), "give either \"username\" or \"extension_number\", not both");
  if (!by_extension && !written.has("username"))
    report.error(at, "missing \"username\" or \"extension_number\": whose account is it?");
  if (written.has("password") && written.has("access_token"))
    report.error(written.location("access_token"), "give either a password or an access token, not both");
  if (!written.has("password") && !written.has("access_token"))
    report.error(at, "missing \"password_file\" or \"password\" (or an access token)");
}

void check_domain(const AuthConfig& auth, const WrittenKeys& written, Report& report) {
  if (written.has("extension_number") && auth.domain.empty())
    report.error(written.location("extension_number"), "an extension needs the \"domain\" of its tenant");
}

void check_dialect_16_auth(const PbxConfig& pbx, const WrittenKeys& written, Report& report) {
  if (pbx.dialect != Dialect::v16) return;
  const Location at = written.location("auth");
  if (pbx.auth.access_token.is_set()) report.error(at, "version 16 takes no access token, only a password");
  if (!pbx.auth.username.empty() && !pbx.auth.domain.empty())
    report.warning(at, "version 16 takes no domain with a tenant's name: it is not sent");
}

void check_encryption(const PbxConfig& pbx, const WrittenKeys& written, Report& report) {
  const auto endpoint = url::parse_endpoint(pbx.url.value);
  if (endpoint && endpoint->scheme == "ws" && !url::is_loopback(endpoint->host))
    report.warning(pbx.url.location, "ws:// sends the password of \"" + pbx.name +
                                         "\" in clear text over the network; use wss:// where the PBX has it");
  if (endpoint && endpoint->scheme == "ws" && written.has("tls"))
    report.warning(written.location("tls"), "\"tls\" has no effect on a ws:// URL");
}

void check_ping(const PbxConfig& pbx, const WrittenKeys& written, Report& report) {
  if (pbx.ping_interval >= pbx.peer_timeout)
    report.error(written.location(written.has("ping_interval") ? "ping_interval" : "peer_timeout"),
                 "\"ping_interval\" must be shorter than \"peer_timeout\"");
}

void check_any_subscription(const PbxConfig& pbx, const WrittenKeys& written, Report& report) {
  if (pbx.subscribe.empty())
    report.error(written.location("subscribe"), "nothing is subscribed to, so nothing would come");
}

}  // namespace

bool SubscribeConfig::operator==(const SubscribeConfig& other) const {
  return std::tie(topic, extensions, queues, tenants, keys) ==
         std::tie(other.topic, other.extensions, other.queues, other.tenants, other.keys);
}

const Schema<AuthConfig>& AuthConfig::schema() {
  static const auto schema =
      Schema<AuthConfig>(
          "The account at the PBX: `username` and password for a system administrator, the same with `domain` for a "
          "tenant's "
          "user, or `extension_number` with `domain` and the extension's password.")
          .field("username", &AuthConfig::username,
                 {.text = "User name; for version 16 the tenant's name.",
                  .example = "bridge",
                  .validate = check_not_empty})
          .field(
              "extension_number", &AuthConfig::extension_number,
              {.text = "Extension number, instead of `username`.", .example = "\"101\"", .validate = check_not_empty})
          .field("domain", &AuthConfig::domain,
                 {.text = "SIP domain of the tenant. Left out for a system administrator.", .example = "example.com"})
          .field("password", &AuthConfig::password,
                 {.text = "Password of the user or extension.", .example = "${PBX_PASSWORD}"})
          .field(
              "access_token", &AuthConfig::access_token,
              {.text = "Access token of the PBX's REST login, in place of the password. The vendor hints at this form "
                       "without describing it."})
          .check({}, check_account)
          .check({"domain"}, check_domain);
  return schema;
}

const Schema<SubscribeConfig>& SubscribeConfig::schema() {
  static const auto schema =
      Schema<SubscribeConfig>(
          "One topic of the PBX and, where the topic asks for them, whose events are wanted. Long lists "
          "are split into several subscriptions.")
          .field("topic", &SubscribeConfig::topic,
                 {.text = "Name of the PBX's topic.",
                  .example = "extension_events",
                  .required = true,
                  .validate = check_not_empty})
          .field("extensions", &SubscribeConfig::extensions,
                 {.text = "Extension numbers, for `extension_events`.",
                  .example = "[\"101\", \"102\"]",
                  .validate = check_not_empty})
          .field("queues", &SubscribeConfig::queues,
                 {.text = "Queue numbers, for `queue_events`.", .example = "[\"8001\"]", .validate = check_not_empty})
          .field("tenants", &SubscribeConfig::tenants,
                 {.text = "Tenant ids, for the `global_` topics of a system administrator.",
                  .example = "[\"23435\"]",
                  .validate = check_not_empty})
          .field("keys", &SubscribeConfig::keys,
                 {.text = "Which events of the topic, for version 16 only.",
                  .example = "[call_start, call_ended]",
                  .validate = check_not_empty});
  return schema;
}

const Schema<PbxConfig>& PbxConfig::schema() {
  static const auto schema =
      Schema<PbxConfig>("One account at one PBX. Several work side by side; one that fails leaves the others alone.")
          .field("name", &PbxConfig::name,
                 {.text = "Name for logs, metrics, topics and routes.",
                  .example = "hq",
                  .required = true,
                  .validate = check_name})
          .field(
              "url", &PbxConfig::url,
              {.text = "WebSocket address of the PBX: `wss://HOST:8887/wsi` for version 22, `wss://HOST:8885` for 16.",
               .example = "wss://pbx.example.com:8887/wsi",
               .required = true,
               .validate = check_pbx_url})
          .field("dialect", &PbxConfig::dialect, {.text = "Major version of the PBX's interface."})
          .field("auth", &PbxConfig::auth, {.text = "The account.", .required = true})
          .field("tls", &PbxConfig::tls, {.text = "How the certificate of the PBX is verified."})
          .field("rest", &PbxConfig::rest, {.text = "Its REST interface, which is asked what there is after a gap."})
          .field("subscribe", &PbxConfig::subscribe, {.text = "What is subscribed to.", .required = true})
          .field("connect_timeout", &PbxConfig::connect_timeout,
                 {.text = "For name resolution, connection, TLS, handshake and authentication together.",
                  .minimum = 100,
                  .maximum = 300'000})
          .field("ping_interval", &PbxConfig::ping_interval,
                 {.text = "How often a WebSocket ping is sent.", .minimum = 100, .maximum = 3'600'000})
          .field(
              "peer_timeout", &PbxConfig::peer_timeout,
              {.text =
                   "A connection on which no whole frame comes for so long, not even an answer to a ping, is given up; "
                   "so is one on which a message in fragments takes four times as long.",
               .minimum = 200,
               .maximum = 3'600'000})
          .field("subscribe_timeout", &PbxConfig::subscribe_timeout,
                 {.text = "A subscription without an answer for so long counts as silent. It goes on all the same.",
                  .minimum = 100,
                  .maximum = 300'000})
          .field("reset_after", &PbxConfig::reset_after,
                 {.text = "A connection that has lasted so long sets the back-off of `reconnect` back.",
                  .maximum = 3'600'000})
          .field("reconnect", &PbxConfig::reconnect, {.text = "Waits between attempts to connect."})
          .field("auth_retry", &PbxConfig::auth_retry,
                 {.text = "Waits after the PBX rejected the account, long, so that the account is not locked."})
          .field("subscribe_batch", &PbxConfig::subscribe_batch,
                 {.text = "Elements of `extensions`, `queues` or `tenants` in one subscription.",
                  .minimum = 1,
                  .maximum = 10'000})
          .field("max_frame_size", &PbxConfig::max_frame_size,
                 {.text = "A larger message is dropped, counted and logged; the connection goes on.",
                  .minimum = 4096,
                  .maximum = 64 * 1024 * 1024})
          .field("strict_utf8", &PbxConfig::strict_utf8,
                 {.text = "Whether a text message that is not UTF-8 ends the connection, as RFC 6455 wants it. Else it "
                          "is an event like any other, counted as untidy."})
          .check({"name", "url"}, check_encryption)
          .check({"dialect", "auth"}, check_dialect_16_auth)
          .check({"dialect", "auth", "rest"}, check_rest)
          .check({"ping_interval", "peer_timeout"}, check_ping)
          .check({"subscribe"}, check_any_subscription)
          .check({"dialect", "subscribe"},
                 [](const PbxConfig& pbx, const WrittenKeys&, Report& report) { check_subscriptions(pbx, report); });
  return schema;
}

}  // namespace pbxbridge::config
