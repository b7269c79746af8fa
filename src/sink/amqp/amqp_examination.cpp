#include "sink/amqp/amqp_examination.hpp"

#include "net/peer_examination.hpp"
#include "sink/amqp/amqp_connection.hpp"
#include "text/peer_words.hpp"

#include <fmt/format.h>

#include <string>

namespace pbxbridge::sink {

void examine_amqp(const AmqpSettings& settings, const SinkExamination& asked, Findings& findings) {
  const url::Endpoint endpoint = settings.endpoint();
  if (!net::examine_peer({.host = endpoint.host,
                          .port = endpoint.port,
                          .uses_tls = settings.uses_tls(),
                          .tls = settings.tls,
                          .connect_timeout = settings.connect_timeout},
                         findings))
    return;
  const auto opened = AmqpConnection::open(settings, "pbxbridge check " + asked.name);
  const bool is_external = settings.sasl_mechanism == AmqpSaslMechanism::external;
  if (!opened)
    return findings.error(
        "account", text::with_peer_log_text(opened.error().text, opened.error().peer_words),
        fmt::format("check {} and virtual_host, and look at the log of the broker",
                    is_external ? "which account the broker takes from the certificate" : "username, password"));
  AmqpConnection& connection = **opened;
  findings.ok("account",
              fmt::format("accepted {} on virtual host {}",
                          is_external ? "the client certificate" : "user " + settings.username, settings.virtual_host));
  const std::string step = fmt::format("exchange {}", settings.exchange.empty() ? "(default)" : settings.exchange);
  const auto missing = connection.missing_exchange(settings.exchange);
  if (!missing)
    findings.error(step, text::with_peer_log_text(missing.error().text, missing.error().peer_words),
                   "look at the log of the broker");
  else if (!missing->empty())
    findings.error(step, text::peer_log_text(*missing), "declare the exchange, or let the account use it");
  else
    findings.ok(step, "is there; whether queues are bound to it, only a message shows");
  connection.close();
}

}  // namespace pbxbridge::sink
