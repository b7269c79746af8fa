#include "sink/amqp/amqp_settings.hpp"

#include "pbxbridge/config/schema.hpp"
#include "text/exchangeable.hpp"
#include "url/loopback.hpp"

namespace pbxbridge::sink {
namespace {

constexpr std::uint16_t port_of_amqp = 5672;
constexpr std::uint16_t port_of_amqps = 5671;
constexpr std::size_t longest_short_string = 255;  // AMQP 0-9-1, 4.2.5.3

std::string wrong_url(std::string_view text) {
  const auto endpoint = url::parse_endpoint(text);
  if (!endpoint) return endpoint.error().text;
  if (endpoint->scheme != "amqp" && endpoint->scheme != "amqps") return "its scheme must be amqp or amqps";
  if (endpoint->target != "/") return "has a path; the virtual host is named in virtual_host";
  return {};
}

std::string wrong_name(std::string_view text) {
  if (text.size() > longest_short_string) return "is longer than the 255 bytes that AMQP allows";
  return text::problem_of_exchange(text);
}

void check_tls(const AmqpSettings& settings, const config::WrittenKeys& written, config::Report& report) {
  if (written.has("tls") && !settings.uses_tls())
    report.error(written.location("tls"), "tls: the url's scheme is without TLS; use amqps");
  if (!settings.tls.server_name.empty())
    report.error(
        written.location("tls"),
        "tls.server_name: librabbitmq sends the name in url, and no other; put a name of the certificate there");
  if (written.has("password") && !settings.uses_tls() && !url::is_loopback(settings.endpoint().host))
    report.warning(
        written.location("url"),
        "url: without TLS the password crosses the network in clear text; use amqps where the broker has it");
}

void check_sasl(const AmqpSettings& settings, const config::WrittenKeys& written, config::Report& report) {
  if (settings.sasl_mechanism != AmqpSaslMechanism::external) return;
  if (!settings.uses_tls() || settings.tls.cert_file.empty())
    report.error(written.location("sasl_mechanism"),
                 "sasl_mechanism: EXTERNAL shows the client certificate; use amqps, tls.cert_file and tls.key_file");
  if (written.has("password"))
    report.error(written.location("password"),
                 "password: with EXTERNAL the broker takes the account from the certificate; leave it out");
}

}  // namespace

url::Endpoint AmqpSettings::endpoint() const {
  url::Endpoint endpoint = url::parse_endpoint(url.value).value();
  if (endpoint.port == 0) endpoint.port = endpoint.scheme == "amqps" ? port_of_amqps : port_of_amqp;
  return endpoint;
}

const config::Schema<AmqpSettings>& AmqpSettings::schema() {
  static const auto schema =
      config::Schema<AmqpSettings>(
          "A broker with AMQP 0-9-1, such as RabbitMQ. Each event is one persistent message to an exchange; the topic "
          "that its route names is the routing key. It counts as delivered when the broker has confirmed it.")
          .field("url", &AmqpSettings::url,
                 {.text = "Where the broker is: `amqp://` (port 5672) or `amqps://` (5671).",
                  .example = "amqp://rabbitmq",
                  .required = true,
                  .validate = wrong_url})
          .field("virtual_host", &AmqpSettings::virtual_host,
                 {.text = "Virtual host of the broker.", .validate = wrong_name})
          .field("exchange", &AmqpSettings::exchange,
                 {.text = "Exchange that messages go to, unless a route names another one. It must exist. An empty "
                          "text is the default exchange, whose routing keys are the names of queues.",
                  .validate = wrong_name})
          .field(
              "format", &AmqpSettings::format,
              {.text = "How an event becomes a message. `raw`: the PBX's own bytes. `cloudevents`: these bytes, with "
                       "the CloudEvents attributes as headers `cloudEvents_NAME`. `cloudevents_structured`: one JSON "
                       "object with attributes and payload."})
          .field("attributes", &AmqpSettings::attributes, {.text = attributes_text, .or_single = true})
          .field("mandatory", &AmqpSettings::mandatory,
                 {.text = "Whether an event that no queue takes is tried again. Otherwise the broker drops it, and it "
                          "counts as delivered."})
          .field(
              "sasl_mechanism", &AmqpSettings::sasl_mechanism,
              {.text = "How to log in. `PLAIN`: by user name and password. `EXTERNAL`: by the client certificate, from "
                       "which the broker takes the account."})
          .field(
              "username", &AmqpSettings::username,
              {.text =
                   "User name. RabbitMQ lets `guest` in from its own machine only. With `EXTERNAL` the identity to ask "
                   "for, which RabbitMQ does not look at.",
               .example = "pbxbridge"})
          .field("password", &AmqpSettings::password, {.text = "Password; read again for each connection."})
          .field("in_flight", &AmqpSettings::window,
                 {.text = "Messages that may wait for their confirm at once.", .minimum = 1, .maximum = 65'535})
          .field("heartbeat", &AmqpSettings::heartbeat,
                 {.text = "A broker that has sent nothing for twice that time counts as lost; in whole seconds. The "
                          "broker may ask for a shorter one.",
                  .minimum = 1000,
                  .maximum = 65'535'000})
          .field("connect_timeout", &AmqpSettings::connect_timeout,
                 {.text = "Limit over name resolution, connection, TLS and login together.", .minimum = 100})
          .field(
              "ack_timeout", &AmqpSettings::ack_timeout,
              {.text = "A broker that has confirmed no message for so long, though some wait for it, counts as lost. "
                       "Not while it says that it takes none, as it is low on memory or disk.",
               .minimum = 1000})
          .field(
              "message_size", &AmqpSettings::message_size,
              {.text = "Largest payload that the broker takes, where that is known: RabbitMQ does not announce its "
                       "`max_message_size`, and closes the channel for a larger one. A larger event is a dead letter.",
               .example = "16MiB",
               .minimum = 1024})
          .field("tls", &AmqpSettings::tls, {.text = "How the broker's certificate is verified, with amqps."})
          .check({"url"}, check_tls)
          .check({"url", "sasl_mechanism", "tls"}, check_sasl);
  return schema;
}

const config::Schema<AmqpOptions>& AmqpOptions::schema() {
  static const auto schema =
      config::Schema<AmqpOptions>("What a route may say for one destination of type amqp.")
          .field("format", &AmqpOptions::format, {.text = destination_format_text})
          .field("exchange", &AmqpOptions::exchange,
                 {.text = "Exchange, instead of the sink's.", .example = "pbx.calls", .validate = wrong_name});
  return schema;
}

}  // namespace pbxbridge::sink
