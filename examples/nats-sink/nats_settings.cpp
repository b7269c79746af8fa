#include "nats_settings.hpp"

namespace nats_sink {

using pbxbridge::config::Report;
using pbxbridge::config::Schema;
using pbxbridge::config::WrittenKeys;

namespace {

std::string wrong_url(std::string_view url) {
  if (url.starts_with("nats://") || url.starts_with("tls://")) return {};
  return "must begin with nats:// or tls://";
}

}  // namespace

const Schema<NatsSettings>& NatsSettings::schema() {
  static const auto schema =
      Schema<NatsSettings>("A stream of NATS JetStream. Each event is one message on the subject that its route names.")
          .field(
              "url", &NatsSettings::url,
              {.text = "Where the server is.", .example = "nats://nats:4222", .required = true, .validate = wrong_url})
          .field("format", &NatsSettings::format, {.text = "How an event becomes a message."})
          .field("attributes", &NatsSettings::attributes, {.text = pbxbridge::attributes_text, .or_single = true})
          .field("username", &NatsSettings::username, {.text = "Name of the account."})
          .field("password", &NatsSettings::password, {.text = "Its password; read again for each connection."})
          .field(
              "in_flight", &NatsSettings::window,
              {.text = "Messages that may wait for their acknowledgement at once.", .minimum = 1, .maximum = 100'000})
          .field("connect_timeout", &NatsSettings::connect_timeout, {.text = "For one connection.", .minimum = 100})
          .field("ack_timeout", &NatsSettings::ack_timeout,
                 {.text = "A connection on which no message was acknowledged for so long is made again.",
                  .minimum = 1'000})
          .check({"username", "password"}, [](const NatsSettings& nats, const WrittenKeys& written, Report& report) {
            if (nats.password.is_set() && nats.username.empty())
              report.error(written.location("password"), "\"password\" needs \"username\"");
          });
  return schema;
}

}  // namespace nats_sink
