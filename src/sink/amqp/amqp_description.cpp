#include "sink/amqp/amqp_description.hpp"

#include "sink/amqp/amqp_settings.hpp"

namespace pbxbridge::sink {

SinkDescription describe_amqp(const AmqpSettings& settings) {
  const url::Endpoint endpoint = settings.endpoint();
  SinkDescription description{.bindings = "amqp", .servers = {}, .own_topics = {}};
  description.servers.push_back(
      {.host = url::host_and_port(endpoint.host, endpoint.port),
       .protocol = endpoint.scheme,
       .protocol_version = "0-9-1",
       .path = settings.virtual_host,
       .security = settings.sasl_mechanism == AmqpSaslMechanism::external ? "X509" : "userPassword"});
  return description;
}

}  // namespace pbxbridge::sink
