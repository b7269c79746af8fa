#include "sink/kafka/kafka_description.hpp"

#include "sink/kafka/kafka_settings.hpp"

#include <string>

namespace pbxbridge::sink {

namespace {

/// Empty for OAUTHBEARER: AsyncAPI asks for its flows, which a consumer has of its own.
std::string security_of(const KafkaSettings& settings) {
  if (!settings.sasl) return {};
  switch (settings.sasl->mechanism) {
    case SaslMechanism::plain:
      return "plain";
    case SaslMechanism::scram_sha_256:
      return "scramSha256";
    case SaslMechanism::scram_sha_512:
      return "scramSha512";
    case SaslMechanism::oauthbearer:
      break;
  }
  return {};
}

}  // namespace

SinkDescription describe_kafka(const KafkaSettings& settings) {
  SinkDescription description{.bindings = "kafka", .servers = {}, .own_topics = {}};
  for (const std::string& broker : settings.brokers)
    description.servers.push_back({.host = broker,
                                   .protocol = settings.tls ? "kafka-secure" : "kafka",
                                   .protocol_version = {},
                                   .path = {},
                                   .security = security_of(settings)});
  return description;
}

}  // namespace pbxbridge::sink
