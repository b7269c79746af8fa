// The fields that every sink has, and those that sinks and PBXs share.

#include "config/config.hpp"
#include "config/exposure.hpp"
#include "config/names.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pbxbridge::config {
namespace {

std::string wrong_alpn(std::string_view protocol) {
  return protocol.empty() || protocol.size() > 255 ? "must have 1 to 255 bytes" : "";  // RFC 7301, 3.1
}

}  // namespace

std::string TopicLimits::problem_of(std::string_view topic) const {
  if (topic.size() > bytes) return fmt::format("is longer than the {} bytes that the sink's limits allow", bytes);
  if (levels == none) return {};
  const auto topic_levels = static_cast<std::size_t>(std::ranges::count(topic, '/')) + 1;
  if (topic_levels > levels) return fmt::format("has {} levels, and the sink's limits allow {}", topic_levels, levels);
  return {};
}

const Schema<TlsConfig>& TlsConfig::schema() {
  static const auto schema =
      Schema<TlsConfig>(
          "TLS as a client, version 1.2 at the least. Certificate and host name are verified unless set otherwise.")
          .field("ca_file", &TlsConfig::ca_file,
                 {.text = "Certificates of the authorities to trust, PEM. Left out: those of the system.",
                  .example = "/etc/pbxbridge/ca.pem",
                  .is_read = true})
          .field("cert_file", &TlsConfig::cert_file,
                 {.text = "Client certificate with its chain, PEM. Goes with `key_file`.",
                  .example = "/etc/pbxbridge/client.pem",
                  .is_read = true})
          .field("key_file", &TlsConfig::key_file,
                 {.text = "Private key of the client certificate, PEM.",
                  .example = "/etc/pbxbridge/client.key",
                  .is_read = true})
          .field("key_password", &TlsConfig::key_password, {.text = "Pass phrase of the private key."})
          .field("server_name", &TlsConfig::server_name,
                 {.text = "Name to verify and to send as SNI, instead of the host of the URL.",
                  .example = "pbx.example.com"})
          .field("alpn", &TlsConfig::alpn,
                 {.text = "Protocols to offer in the handshake (ALPN), the preferred one first, for servers that tell "
                          "protocols on one port apart by it.",
                  .example = "[x-amzn-mqtt-ca]",
                  .validate = wrong_alpn})
          .field(
              "insecure_skip_verify", &TlsConfig::insecure_skip_verify,
              {.text = "Accepts any certificate: anyone on the way can read the password and forge events. For a first "
                       "try only."})
          .check([](const TlsConfig& tls, const Written& written, Report& report) {
            if (tls.cert_file.empty() != tls.key_file.empty())
              report.error(written.location(tls.cert_file.empty() ? "key_file" : "cert_file"),
                           "\"cert_file\" and \"key_file\" go together");
            if (tls.key_password.is_set() && tls.key_file.empty())
              report.error(written.location("key_password"), "\"key_password\" has no \"key_file\" to open");
            if (const auto exposed = exposed_to_readers(tls.key_file); !tls.key_file.empty() && !exposed.empty())
              report.warning(written.location("key_file"), "key_file: " + exposed);
            if (tls.insecure_skip_verify)
              report.warning(written.location("insecure_skip_verify"),
                             "the certificate will NOT be verified: anyone on the way can read the password and forge "
                             "events; set \"ca_file\" instead");
          });
  return schema;
}

const Schema<BackoffConfig>& BackoffConfig::schema() {
  constexpr std::int64_t longest = 3'600'000;
  static const auto schema =
      Schema<BackoffConfig>(
          "Waits between attempts: a random time up to a bound that begins at `initial` and doubles up to "
          "`maximum`.")
          .field("initial", &BackoffConfig::initial, {.text = "First bound.", .minimum = 10, .maximum = longest})
          .field("maximum", &BackoffConfig::maximum, {.text = "Last bound.", .minimum = 10, .maximum = longest})
          .check([](const BackoffConfig& backoff, const Written& written, Report& report) {
            if (backoff.initial > backoff.maximum)
              report.error(written.location(written.has("initial") ? "initial" : "maximum"),
                           "\"initial\" must not be longer than \"maximum\" (" + to_yaml(backoff.maximum) + ")");
          });
  return schema;
}

const Schema<SinkConfig>& SinkConfig::schema() {
  static const auto schema =
      Schema<SinkConfig>("The fields that every sink has, whatever its type.")
          .field("type", &SinkConfig::type,
                 {.text = "Type of the sink.", .example = "kafka", .required = true, .validate = check_not_empty})
          .field("window", &SinkConfig::window,
                 {.text = "Deliveries that may wait for their acknowledgement at once. 0: as many as suit the sink.",
                  .maximum = 100'000})
          .field("reconnect", &SinkConfig::reconnect, {.text = "Waits between attempts to connect."})
          .field("start", &SinkConfig::start,
                 {.text = "Where a sink begins that the spool does not know yet: with what comes from now on, or with "
                          "the oldest event that the spool holds."})
          .field("retry", &SinkConfig::retry,
                 {.text = "Waits before an event is tried again that the sink did not take."})
          .field("auth_retry", &SinkConfig::auth_retry,
                 {.text = "Waits after the far side rejected the account, long, so that the account is not locked."})
          .field("dead_letters_to", &SinkConfig::dead_letters_to,
                 {.text = "Another sink to which events go as well that this one has rejected for good. Once, and not "
                          "across a restart: the dead letter in the spool is what counts."});
  return schema;
}

void Reader<SinkConfig>::read(const Node& node, SinkConfig& value, const Reading& reading) {
  value.location = node.location();
  SinkConfig::schema().read(node, value, reading.report, UnknownKeys{.are_errors = false});
}

}  // namespace pbxbridge::config
