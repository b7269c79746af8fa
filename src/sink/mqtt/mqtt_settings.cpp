#include "sink/mqtt/mqtt_settings.hpp"

#include "config/schema.hpp"
#include "text/exchangeable.hpp"

#include <algorithm>
#include <utility>

namespace pbxbridge::sink {
namespace {

struct Scheme {
  std::string_view name;
  std::uint16_t default_port;
};
constexpr Scheme schemes[] = {{"mqtt", 1883}, {"mqtts", 8883}, {"ws", 80}, {"wss", 443}};

const Scheme* find_scheme(std::string_view name) {
  const auto found = std::ranges::find(schemes, name, &Scheme::name);
  return found == std::end(schemes) ? nullptr : found;
}

std::string wrong_url(std::string_view text) {
  const auto endpoint = url::parse_endpoint(text);
  if (!endpoint) return endpoint.error().text;
  if (find_scheme(endpoint->scheme) == nullptr) return "its scheme must be mqtt, mqtts, ws or wss";
  if (endpoint->scheme.starts_with("mqtt") && endpoint->target != "/") return "a path goes with ws and wss only";
  return {};
}

/// A text that MQTT could not carry, or that a broker may refuse.
std::string wrong_text(std::string_view text) {
  if (text.size() > mqtt::largest_string) return "is longer than the 65,535 bytes that MQTT allows";
  return text::problem_of_exchange(text);
}

std::string wrong_prefix(std::string_view text) {
  if (text.size() > mqtt::largest_string / 2) return "is too long";
  if (text.find_first_of("+#") != std::string_view::npos) return "must not hold the wildcards + and #";
  if (text.starts_with('$')) return "must not start with $, which is the broker's own";
  return wrong_text(text);
}

constexpr std::string_view cloudevents_need_version_5 =
    "format: cloudevents needs MQTT 5 for its attributes; with version 3.1.1 choose raw or cloudevents_structured";

void check_version(const MqttSettings& settings, const config::Written& written, config::Report& report) {
  if (settings.version == mqtt::Version::v5) return;
  if (settings.format == Format::cloudevents)
    report.error(written.location("format"), std::string(cloudevents_need_version_5));
  for (const std::string_view field : {"content_type", "message_expiry", "user_properties"})
    if (written.has(field))
      report.error(written.location(field), std::string(field) + ": exists in MQTT 5 only, and version is 3.1.1");
  if (settings.username.empty() && settings.password.is_set())
    report.error(written.location("password"), "password: MQTT 3.1.1 has no password without a username");
}

void check_user_properties(const MqttSettings& settings, const config::Written& written, config::Report& report) {
  for (const auto& property : settings.user_properties)
    if (const std::string wrong = wrong_text(property.first); !wrong.empty())
      report.error(written.location("user_properties"), "user_properties: a name " + wrong);
}

void check_tls(const MqttSettings& settings, const config::Written& written, config::Report& report) {
  const bool url_is_read = !settings.url.value.empty();
  if (url_is_read && written.has("tls") && !settings.uses_tls())
    report.error(written.location("tls"), "tls: the url's scheme is without TLS; use mqtts or wss");
}

}  // namespace

url::Endpoint MqttSettings::endpoint() const {
  url::Endpoint endpoint = url::parse_endpoint(url.value).value();
  if (endpoint.port == 0) endpoint.port = find_scheme(endpoint.scheme)->default_port;
  return endpoint;
}

bool MqttSettings::uses_tls() const { return endpoint().scheme.ends_with('s') && endpoint().scheme != "ws"; }

bool MqttSettings::uses_websocket() const { return endpoint().scheme.starts_with("ws"); }

std::uint16_t MqttSettings::window() const {
  // A broker with MQTT 5 names its limit. One with MQTT 3.1.1 cannot, and some take no more than this.
  return receive_maximum.value_or(version == mqtt::Version::v5 ? 1000 : 100);
}

void MqttSettings::check_options(const DeliveryOptions& options, const config::Location& destination,
                                 config::Report& report) const {
  if (version == mqtt::Version::v5) return;
  if (options.format == Format::cloudevents) report.error(destination, std::string(cloudevents_need_version_5));
  const std::pair<std::string_view, bool> of_version_5[] = {{"content_type", options.content_type.has_value()},
                                                            {"message_expiry", options.message_expiry.has_value()}};
  for (const auto& [name, is_set] : of_version_5)
    if (is_set)
      report.warning(destination,
                     "\"" + std::string(name) + "\" exists in MQTT 5 only, and the sink's version is 3.1.1");
}

const config::Schema<MqttSettings>& MqttSettings::schema() {
  static const auto schema =
      config::Schema<MqttSettings>("An MQTT broker. Each event is one message on the topic that its route names.")
          .field(
              "url", &MqttSettings::url,
              {.text = "Where the broker is: `mqtt://` (port 1883), `mqtts://` (8883), `ws://` (80) or `wss://` (443). "
                       "An HTTP proxy in the environment is not used.",
               .example = "mqtt://mosquitto:1883",
               .required = true,
               .validate = wrong_url})
          .field("version", &MqttSettings::version, {.text = "MQTT version, `5` or `3.1.1`."})
          .field(
              "format", &MqttSettings::format,
              {.text = "How an event becomes a message. `raw`: the PBX's own bytes. `cloudevents`: these bytes, with "
                       "the CloudEvents attributes as user properties (MQTT 5). `cloudevents_structured`: one JSON "
                       "object with attributes and payload."})
          .field("qos", &MqttSettings::qos,
                 {.text = "Quality of service: 1 delivers at least once, 2 exactly once as long as a connection lasts. "
                          "With 0 an event counts as delivered when it is written to the network, and is lost if the "
                          "connection fails then.",
                  .minimum = 0,
                  .maximum = 2})
          .field("retain", &MqttSettings::retain,
                 {.text = "Whether the broker keeps the last message of each topic for later subscribers."})
          .field("content_type", &MqttSettings::content_type,
                 {.text = "Content type of the messages (MQTT 5); from the format where it is not set.",
                  .example = "application/json",
                  .validate = wrong_text})
          .field("message_expiry", &MqttSettings::message_expiry,
                 {.text = "How long the broker keeps a message for a subscriber that is away (MQTT 5).",
                  .example = "1h",
                  .minimum = 1000})
          .field("user_properties", &MqttSettings::user_properties,
                 {.text = "User properties beside those of the format (MQTT 5).",
                  .example = "{site: berlin}",
                  .validate = wrong_text})
          .field(
              "prefix", &MqttSettings::prefix,
              {.text = "`PREFIX/status` holds the retained text `online` or `offline`: the broker itself says "
                       "`offline` when the connection fails. `pbxbridge/NAME` where it is not set; an empty text: no "
                       "such topic.",
               .example = "pbxbridge/board",
               .validate = wrong_prefix})
          .field(
              "client_id", &MqttSettings::client_id,
              {.text = "Client id. Where it is not set, one that no other process has: two clients with one id throw "
                       "each other out.",
               .validate = wrong_text})
          .field("username", &MqttSettings::username,
                 {.text = "User name.", .example = "pbxbridge", .validate = wrong_text})
          .field("password", &MqttSettings::password, {.text = "Password; read anew for each connection."})
          .field(
              "clean_start", &MqttSettings::clean_start,
              {.text = "Whether the broker forgets an earlier session of this client id. pbxbridge needs nothing from "
                       "it: what was not acknowledged is delivered again from the spool."})
          .field("keep_alive", &MqttSettings::keep_alive,
                 {.text = "After so long without traffic the broker is asked whether it is there; in whole seconds. "
                          "Without an answer the connection counts as lost after about twice that.",
                  .minimum = 1000,
                  .maximum = 65'535'000})
          .field(
              "connect_timeout", &MqttSettings::connect_timeout,
              {.text = "Limit over name resolution, connection, TLS and the broker's answer together.", .minimum = 100})
          .field(
              "ack_timeout", &MqttSettings::ack_timeout,
              {.text = "A broker that has not acknowledged a message after so long counts as lost.", .minimum = 1000})
          .field(
              "receive_maximum", &MqttSettings::receive_maximum,
              {.text = "Messages in flight at the most. Where it is not set, 1000 with MQTT 5 and 100 with MQTT 3.1.1. "
                       "Fewer where a broker's Receive Maximum says so (MQTT 5). Of QoS 2 in MQTT 3.1.1 never more "
                       "than 20.",
               .minimum = 1,
               .maximum = 65'535})
          .field("tls", &MqttSettings::tls, {.text = "How the broker's certificate is verified, with mqtts and wss."})
          .check(check_version)
          .check(check_user_properties)
          .check(check_tls);
  return schema;
}

}  // namespace pbxbridge::sink
