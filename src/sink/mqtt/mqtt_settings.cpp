#include "sink/mqtt/mqtt_settings.hpp"

#include "pbxbridge/config/schema.hpp"
#include "sink/mqtt/paho/paho_settings.hpp"
#include "text/ascii.hpp"
#include "text/exchangeable.hpp"
#include "url/loopback.hpp"

#include <algorithm>
#include <cctype>
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

/// A text that MQTT could not carry, or that a broker may reject.
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

/// A token (RFC 9110, 5.6.2) that the handshake does not set itself.
std::string wrong_header_name(std::string_view name) {
  static constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  const auto is_allowed = [](unsigned char letter) {
    return (std::isalnum(letter) != 0 && letter < 0x80) ||
           marks.find(static_cast<char>(letter)) != std::string_view::npos;
  };
  if (name.empty() || !std::ranges::all_of(name, is_allowed)) return "is not the name of an HTTP header";
  static constexpr std::string_view own[] = {"host", "upgrade", "connection", "content-length", "transfer-encoding"};
  const std::string lower = text::lower_case(name);
  if (lower.starts_with("sec-websocket-") || std::ranges::find(own, lower) != std::end(own))
    return "is set by the handshake itself";
  return {};
}

void check_version(const MqttSettings& settings, const config::WrittenKeys& written, config::Report& report) {
  if (settings.version == mqtt::Version::v5) return;
  if (settings.format == Format::cloudevents && written.is_sound("format"))
    report.error(written.location("format"), std::string(cloudevents_need_version_5));
  for (const std::string_view field :
       {"content_type", "message_expiry", "user_properties", "session_expiry", "will_delay"})
    if (written.has(field))
      report.error(written.location(field), std::string(field) + ": exists in MQTT 5 only, and version is 3.1.1");
  if (settings.username.empty() && written.is_sound("username") && written.has("password"))
    report.error(written.location("password"), "password: MQTT 3.1.1 has no password without a username");
}

void check_user_properties(const MqttSettings& settings, const config::WrittenKeys& written, config::Report& report) {
  for (const auto& property : settings.user_properties)
    if (const std::string wrong = wrong_text(property.first); !wrong.empty())
      report.error(written.location("user_properties"), "user_properties: a name " + wrong);
}

/// The broker publishes a delayed will at the latest when the session ends (MQTT 5.0, 3.1.3.2.2).
void check_will_delay(const MqttSettings& settings, const config::WrittenKeys& written, config::Report& report) {
  if (!settings.will_delay) return;
  const auto error = [&](std::string_view text) {
    report.error(written.location("will_delay"), "will_delay: " + std::string(text));
  };
  if (settings.prefix == "" && written.is_sound("prefix")) error("there is no status topic, as prefix is empty");
  if (settings.client_id.empty() && written.is_sound("client_id"))
    error("needs a client_id, or the next process cannot take up the session, and \"offline\" follows its \"online\"");
  if (settings.clean_start && written.is_sound("clean_start"))
    error("needs clean_start: false, for a new session ends the old one, and so the delay");
  if (written.is_sound("session_expiry") && written.is_sound("will_delay") &&
      settings.session_expiry.value_or(config::Duration::zero()) < *settings.will_delay)
    error("needs a session_expiry that is no shorter, for the end of the session ends the delay");
}

void check_websocket(const MqttSettings& settings, const config::WrittenKeys& written, config::Report& report) {
  if (written.has("websocket") && !settings.uses_websocket())
    report.error(written.location("websocket"), "websocket: the url's scheme is without WebSocket; use ws or wss");
}

void check_tls(const MqttSettings& settings, const config::WrittenKeys& written, config::Report& report) {
  if (written.has("tls") && !settings.uses_tls())
    report.error(written.location("tls"), "tls: the url's scheme is without TLS; use mqtts or wss");
}

/// Headers may hold what lets pbxbridge in, in the place of a password.
void check_password(const MqttSettings& settings, const config::WrittenKeys& written, config::Report& report) {
  if (settings.uses_tls() || url::is_loopback(settings.endpoint().host)) return;
  const auto warn = [&](std::string_view what) {
    report.warning(written.location("url"), "url: without TLS " + std::string(what) +
                                                " cross the network in clear text; use mqtts or wss where the broker "
                                                "has it");
  };
  if (written.has("password"))
    warn("user name and password");
  else if (!settings.websocket.headers.empty())
    warn("the values of websocket.headers");
}

}  // namespace

url::Endpoint MqttSettings::endpoint() const {
  url::Endpoint endpoint = url::parse_endpoint(url.value).value();
  if (endpoint.port == 0) endpoint.port = find_scheme(endpoint.scheme)->default_port;
  return endpoint;
}

bool MqttSettings::uses_tls() const { return endpoint().scheme.ends_with('s') && endpoint().scheme != "ws"; }

bool MqttSettings::uses_websocket() const { return endpoint().scheme.starts_with("ws"); }

std::string MqttSettings::status_topic(const std::string& sink) const {
  std::string topic = prefix.value_or("pbxbridge/" + sink);
  if (topic.empty()) return {};
  std::ranges::replace_if(
      topic, [](char letter) { return letter == '+' || letter == '#'; }, '_');
  return topic + "/status";
}

unsigned MqttSettings::status_qos() const { return std::max(1U, static_cast<unsigned>(qos)); }

TopicLimits MqttSettings::topic_limits() const {
  TopicLimits topics;
  if (limits.topic_bytes) topics.bytes = *limits.topic_bytes;
  if (limits.topic_levels) topics.levels = *limits.topic_levels;
  return topics;
}

std::uint16_t MqttSettings::window() const {
  // A broker with MQTT 5 names its limit. One with MQTT 3.1.1 cannot, and some take no more than this.
  return receive_maximum.value_or(version == mqtt::Version::v5 ? 1000 : 100);
}

const config::Schema<MqttLimits>& MqttLimits::schema() {
  static const auto schema =
      config::Schema<MqttLimits>(
          "What the broker is known to take, where it does not say so itself. A route's `fallback_topic` takes the "
          "place "
          "of a topic beyond it; a message beyond it is a dead letter.")
          .field("topic_bytes", &MqttLimits::topic_bytes,
                 {.text = "Length of a topic in bytes.", .example = "256", .minimum = 1, .maximum = 65'535})
          .field("topic_levels", &MqttLimits::topic_levels,
                 {.text = "Levels of a topic, one more than it has slashes.", .example = "8", .minimum = 1})
          .field("packet_size", &MqttLimits::packet_size,
                 {.text = "Size of a message with its topic and properties, as its PUBLISH packet.",
                  .example = "128KiB",
                  .minimum = 128});
  return schema;
}

const config::Schema<HttpHeader>& HttpHeader::schema() {
  static const auto schema =
      config::Schema<HttpHeader>("One header of the request that becomes a WebSocket.")
          .field("name", &HttpHeader::name,
                 {.text = "Its name.", .example = "Authorization", .required = true, .validate = wrong_header_name})
          .field("value", &HttpHeader::value, {.text = "Its value; read again for each connection."})
          .check({"name"}, [](const HttpHeader& header, const config::WrittenKeys& written, config::Report& report) {
            if (!written.has("value"))
              report.error(written.location("name"), "websocket.headers: \"" + header.name + "\" has no value");
          });
  return schema;
}

const config::Schema<WebSocketSettings>& WebSocketSettings::schema() {
  static const auto schema = config::Schema<WebSocketSettings>("The request that becomes a WebSocket, with ws and wss.")
                                 .field("headers", &WebSocketSettings::headers,
                                        {.text = "Further headers, for brokers or proxies that authenticate by them."});
  return schema;
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
          .field("client", &MqttSettings::client,
                 {.text = "What speaks MQTT: pbxbridge's own client, `native`, or Eclipse Paho's, `paho`, which is "
                          "slower and knows less of why something failed. The guide says when to choose which."})
          .field("version", &MqttSettings::version, {.text = "MQTT version, `5` or `3.1.1`."})
          .field(
              "format", &MqttSettings::format,
              {.text = "How an event becomes a message. `raw`: the PBX's own bytes. `cloudevents`: these bytes, with "
                       "the CloudEvents attributes as user properties (MQTT 5). `cloudevents_structured`: one JSON "
                       "object with attributes and payload."})
          .field("attributes", &MqttSettings::attributes, {.text = attributes_text, .or_single = true})
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
                 {.text = "User properties in addition to those of the format (MQTT 5).",
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
          .field("password", &MqttSettings::password, {.text = "Password; read again for each connection."})
          .field(
              "clean_start", &MqttSettings::clean_start,
              {.text = "Whether the broker forgets an earlier session of this client id. pbxbridge needs nothing from "
                       "it: what was not acknowledged is delivered again from the spool."})
          .field("session_expiry", &MqttSettings::session_expiry,
                 {.text = "How long the broker keeps the session after a connection (MQTT 5); goes with `clean_start: "
                          "false`. Not set: not at all.",
                  .example = "1m",
                  .minimum = 1000})
          .field("will_delay", &MqttSettings::will_delay,
                 {.text = "How long the broker waits with `offline` after a connection that failed, so that a short "
                          "interruption is not seen (MQTT 5). Needs `client_id`, `clean_start: false` and a "
                          "`session_expiry` that is no shorter.",
                  .example = "10s",
                  .minimum = 1000})
          .field("keep_alive", &MqttSettings::keep_alive,
                 {.text = "After so long without traffic the broker is asked whether it is there; in whole seconds. "
                          "Without an answer the connection counts as lost after about twice that. Where the broker "
                          "names another time (MQTT 5), that one holds.",
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
          .field("limits", &MqttSettings::limits, {.text = "What the broker is known to take."})
          .field("websocket", &MqttSettings::websocket, {.text = "The WebSocket handshake, with ws and wss."})
          .field("tls", &MqttSettings::tls, {.text = "How the broker's certificate is verified, with mqtts and wss."})
          .check({"version"}, check_version)
          .check({}, check_user_properties)
          .check({}, check_will_delay)
          .check({"url"}, check_websocket)
          .check({"url"}, check_tls)
          .check({"url"}, check_password)
          .check({"client"}, check_paho);
  return schema;
}

}  // namespace pbxbridge::sink
