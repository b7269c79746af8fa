#include "sink/kafka/kafka_settings.hpp"

#include "pbxbridge/config/schema.hpp"
#include "sink/kafka/kafka_options.hpp"
#include "sink/kafka/kafka_options_check.hpp"
#include "sink/kafka/kafka_topic_rules.hpp"
#include "text/exchangeable.hpp"
#include "url/endpoint.hpp"
#include "url/loopback.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <span>
#include <string_view>

namespace pbxbridge::sink {

namespace {

struct SaslField {
  std::string_view name;
  std::string_view wanted;
  bool (*is_set)(const SaslSettings&);
};
constexpr SaslField password_fields[] = {
    {"username", "username", [](const SaslSettings& sasl) { return !sasl.username.empty(); }},
    {"password", "password or password_file", [](const SaslSettings& sasl) { return sasl.password.is_set(); }},
};
constexpr SaslField token_fields[] = {
    {"token_endpoint", "token_endpoint", [](const SaslSettings& sasl) { return !sasl.token_endpoint.empty(); }},
    {"client_id", "client_id", [](const SaslSettings& sasl) { return !sasl.client_id.empty(); }},
    {"client_secret", "client_secret or client_secret_file",
     [](const SaslSettings& sasl) { return sasl.client_secret.is_set(); }},
};

std::string wrong_port(std::string_view digits) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error == std::errc{} && end == digits.data() + digits.size() && port != 0) return {};
  return "expected HOST:PORT with a port from 1 to 65535";
}

std::string wrong_broker(std::string_view text) {
  if (text.find("://") != std::string_view::npos)
    return "expected HOST:PORT without a scheme; TLS is switched on by tls";
  if (text.find_first_of(", \t/") != std::string_view::npos)
    return "expected one HOST:PORT; further ones are elements of the list";
  const auto address_end = text.starts_with('[') ? text.find(']') : 0;
  if (address_end == std::string_view::npos) return "the address lacks its closing ]";
  const auto colon = text.find(':', address_end);
  if (text.empty() || colon == 0) return "the host name is missing";
  if (colon == std::string_view::npos) return {};
  if (text.find(':', colon + 1) != std::string_view::npos) return "an IPv6 address needs brackets, such as [::1]:9092";
  return wrong_port(text.substr(colon + 1));
}

bool is_topic_name(std::string_view name) {
  const TopicRules& rules = kafka_topic_rules;
  return !name.empty() && name.size() <= rules.longest_bytes &&
         std::ranges::find(rules.reserved_topics, name) == rules.reserved_topics.end() &&
         std::ranges::all_of(name, [](char letter) { return kafka_topic_rules.characters.has(letter); });
}

void check_brokers(const KafkaSettings& settings, const config::WrittenKeys& written, config::Report& report) {
  if (written.has("brokers") && settings.brokers.empty())
    report.error(written.location("brokers"), "brokers: at least one HOST:PORT is needed");
}

void check_topics(const KafkaSettings& settings, const config::WrittenKeys&, config::Report& report) {
  for (const auto& [name, topic] : settings.create_topics)
    if (!is_topic_name(name))
      report.error(topic.location, "create_topics: a topic's name has 1 to 249 of the characters a-z A-Z 0-9 . _ -");
}

bool is_on_this_machine(std::string_view broker) {
  if (broker.starts_with('[')) return url::is_loopback(broker.substr(1, broker.find(']') - 1));
  return url::is_loopback(broker.substr(0, broker.find(':')));
}

std::string_view seen_without_tls(const SaslSettings& sasl) {
  switch (sasl.mechanism) {
    case SaslMechanism::plain:
      return "the password crosses the network in clear text";
    case SaslMechanism::oauthbearer:
      return "the token crosses the network in clear text, and whoever sees it can use it";
    case SaslMechanism::scram_sha_256:
    case SaslMechanism::scram_sha_512:
      return "whoever listens can guess at the password, and reads all events";
  }
  return "";
}

void check_tls(const KafkaSettings& settings, const config::WrittenKeys& written, config::Report& report) {
  if (settings.tls && !settings.tls->server_name.empty())
    report.error(written.location("tls"),
                 "tls.server_name: Kafka brokers are verified by the names under which the cluster advertises them");
  if (settings.tls && !settings.tls->alpn.empty())
    report.error(written.location("tls"), "tls.alpn: Kafka has a port to itself, and librdkafka offers no protocols");
}

void check_encryption(const KafkaSettings& settings, const config::WrittenKeys& written, config::Report& report) {
  if (settings.sasl && !security_protocol(settings).ends_with("ssl") &&
      !std::ranges::all_of(settings.brokers, is_on_this_machine))
    report.warning(written.location("sasl"), "sasl: without tls " + std::string(seen_without_tls(*settings.sasl)));
}

/// Each mechanism has fields of its own, and takes none of the other's.
void check_fields(std::span<const SaslField> needed, std::span<const SaslField> others, std::string_view mechanism,
                  const SaslSettings& sasl, const config::WrittenKeys& written, config::Report& report) {
  for (const SaslField& field : needed)
    if (!field.is_set(sasl) && written.is_sound(field.name))
      report.error(written.struct_location(), fmt::format("sasl: {} is missing", field.wanted));
  for (const SaslField& field : others)
    if (field.is_set(sasl))
      report.error(written.location(field.name), fmt::format("sasl: {} does not go with {}", field.name, mechanism));
}

std::string wrong_token_endpoint(const SaslSettings& sasl) {
  const auto endpoint = url::parse_endpoint(sasl.token_endpoint);
  if (!endpoint) return endpoint.error().text;
  if (endpoint->scheme != "https" && endpoint->scheme != "http")
    return "is not a URL that begins with https:// or http://";
  return {};
}

void check_token_endpoint(const SaslSettings& sasl, const config::WrittenKeys& written, config::Report& report) {
  if (sasl.token_endpoint.empty()) return;
  const config::Location location = written.location("token_endpoint");
  if (const std::string wrong = wrong_token_endpoint(sasl); !wrong.empty())
    report.error(location, "sasl.token_endpoint: " + wrong);
  else if (!url::parse_endpoint(sasl.token_endpoint)->scheme.ends_with('s'))
    report.warning(location, "sasl.token_endpoint: with http the client's secret crosses the network readable");
}

void check_sasl(const SaslSettings& sasl, const config::WrittenKeys& written, config::Report& report) {
  if (sasl.mechanism != SaslMechanism::oauthbearer)
    return check_fields(password_fields, token_fields, "a mechanism with a password", sasl, written, report);
  check_fields(token_fields, password_fields, "OAUTHBEARER", sasl, written, report);
  check_token_endpoint(sasl, written, report);
}

}  // namespace

const config::Schema<SaslSettings>& SaslSettings::schema() {
  static const auto schema =
      config::Schema<SaslSettings>("The account at the brokers. GSSAPI is set through `options` instead.")
          .field("mechanism", &SaslSettings::mechanism, {.text = "SASL mechanism.", .required = true})
          .field("username", &SaslSettings::username,
                 {.text = "Name of the account; not with OAUTHBEARER.",
                  .example = "pbxbridge",
                  .validate = text::problem_of_exchange})
          .field("password", &SaslSettings::password,
                 {.text = "Password of the account; a file is read again at each connect.",
                  .example = "/run/secrets/kafka_password"})
          .field("token_endpoint", &SaslSettings::token_endpoint,
                 {.text = "OAUTHBEARER: URL at which tokens are got with the client credentials (OAuth 2.0, RFC 6749).",
                  .example = "https://login.example.com/oauth2/token"})
          .field("client_id", &SaslSettings::client_id,
                 {.text = "OAUTHBEARER: name of the client at the token endpoint.", .example = "pbxbridge"})
          .field("client_secret", &SaslSettings::client_secret,
                 {.text = "OAUTHBEARER: secret of the client; a file is read again for each token.",
                  .example = "/run/secrets/kafka_client_secret"})
          .field("scope", &SaslSettings::scope,
                 {.text = "OAUTHBEARER: scope to ask for; empty: none.", .example = "kafka"})
          .field("extensions", &SaslSettings::extensions,
                 {.text = "OAUTHBEARER: SASL extensions that the brokers want to see.",
                  .example = "{logicalCluster: lkc-1, identityPoolId: pool-1}"})
          .field("token_endpoint_tls", &SaslSettings::token_endpoint_tls,
                 {.text = "OAUTHBEARER: how the token endpoint's certificate is verified, with https.",
                  .example = "{ca_file: /etc/pbxbridge/ca.pem}"})
          .check({"mechanism"}, check_sasl);
  return schema;
}

const config::Schema<NewTopicSettings>& NewTopicSettings::schema() {
  static const auto schema = config::Schema<NewTopicSettings>(
                                 "A topic that is created at connect where it does not exist. One that exists is "
                                 "not changed.")
                                 .field("partitions", &NewTopicSettings::partitions,
                                        {.text = "Number of partitions; the broker's own default where it is not set.",
                                         .example = "6",
                                         .minimum = 1,
                                         .maximum = 10'000})
                                 .field("replication_factor", &NewTopicSettings::replication_factor,
                                        {.text = "Number of replicas; the broker's own default where it is not set.",
                                         .example = "3",
                                         .minimum = 1,
                                         .maximum = 100})
                                 .field("options", &NewTopicSettings::options,
                                        {.text = "Settings of the topic, named as in Apache Kafka's documentation.",
                                         .example = "{retention.ms: \"604800000\"}"});
  return schema;
}

const config::Schema<KafkaSettings>& KafkaSettings::schema() {
  static const std::string options_text =
      "Any option of librdkafka, named as in its CONFIGURATION.md. It overrides what this sink sets by itself: " +
      kafka_default_options_text() + ".";
  static const auto schema =
      config::Schema<KafkaSettings>(
          "An Apache Kafka cluster, or what speaks its protocol. Each event is one record in "
          "the topic that its route names.")
          .field("brokers", &KafkaSettings::brokers,
                 {.text = "Brokers to begin with, as HOST:PORT, or HOST where the port is 9092; the others are learnt "
                          "from them.",
                  .example = "[\"kafka:9092\"]",
                  .required = true,
                  .validate = wrong_broker})
          .field("format", &KafkaSettings::format,
                 {.text =
                      "How an event becomes a record. `raw`: the PBX's own bytes. `cloudevents`: these bytes, with the "
                      "CloudEvents attributes as headers `ce_*`. `cloudevents_structured`: one JSON object with "
                      "attributes and payload."})
          .field("attributes", &KafkaSettings::attributes, {.text = attributes_text, .or_single = true})
          .field("compression", &KafkaSettings::compression, {.text = "Compression of the batches of records."})
          .field(
              "client_id", &KafkaSettings::client_id,
              {.text = "Name of this client in the brokers' logs and quotas.", .validate = text::problem_of_exchange})
          .field("sasl", &KafkaSettings::sasl, {.text = "The account at the brokers; without it, none."})
          .field("tls", &KafkaSettings::tls,
                 {.text = "TLS to the brokers; `{}` trusts the system's certificates. Without it, the connection is "
                          "not encrypted.",
                  .example = "{ca_file: /etc/pbxbridge/ca.pem}"})
          .field(
              "create_topics", &KafkaSettings::create_topics,
              {.text = "Topics to create at connect where they do not exist, by name. No other topic is ever created.",
               .example = "{pbx.cdr.v1: {partitions: 6, replication_factor: 3}}"})
          .field("connect_timeout", &KafkaSettings::connect_timeout,
                 {.text = "How long a first answer of a broker may take.", .minimum = 1'000, .maximum = 300'000})
          .field("queue_size", &KafkaSettings::queue_size,
                 {.text = "How much may wait for the brokers inside the sink; what is beyond waits in the spool.",
                  .minimum = 1024 * 1024,
                  .maximum = 2'000'000'000})
          .field("options", &KafkaSettings::options,
                 {.text = options_text, .example = "{linger.ms: \"5\"}", .is_secret_key = is_secret_option})
          .check({"brokers"}, check_brokers)
          .check({}, check_topics)
          .check({}, check_tls)
          .check({"brokers"}, check_encryption)
          .check({}, [](const KafkaSettings& settings, const config::WrittenKeys& written, config::Report& report) {
            check_kafka_options(settings, written.location("options"), report);
          });
  return schema;
}

}  // namespace pbxbridge::sink
