#pragma once

#include "net/tls_config.hpp"
#include "pbxbridge/cloudevents.hpp"
#include "pbxbridge/config/location.hpp"
#include "pbxbridge/config/values.hpp"
#include "pbxbridge/format.hpp"
#include "pbxbridge/sink_type.hpp"
#include "url/endpoint.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pbxbridge::sink {

/// Mechanisms by which a client proves who it is, by their names in SASL.
enum class AmqpSaslMechanism : std::uint8_t {
  plain,     ///< user name and password (RFC 4616)
  external,  ///< the client certificate of the TLS connection (RFC 4422, appendix A)
};

struct AmqpSettings final : SinkSettings {
  config::Located<std::string> url;
  std::string virtual_host = "/";
  std::string exchange = "amq.topic";
  Format format = Format::cloudevents;
  std::vector<AttributeChoice> attributes = {AttributeChoice::minimal};
  bool mandatory = true;
  AmqpSaslMechanism sasl_mechanism = AmqpSaslMechanism::plain;
  std::string username = "guest";
  config::Secret password;
  std::uint32_t window = 1000;
  std::chrono::seconds heartbeat{30};
  config::Duration connect_timeout{10'000};
  config::Duration ack_timeout{30'000};
  std::optional<config::ByteSize> message_size;  ///< of the largest payload that the broker takes
  net::TlsConfig tls;

  /// Returns the endpoint with a port; only where the url is one.
  url::Endpoint endpoint() const;
  bool uses_tls() const { return endpoint().scheme == "amqps"; }

  static const config::Schema<AmqpSettings>& schema();
};

/// Fields that a route may set for one destination; the topic of a destination is its routing key.
struct AmqpOptions final : FormatOptions {
  std::optional<std::string> exchange;

  static const config::Schema<AmqpOptions>& schema();
};

}  // namespace pbxbridge::sink

template <>
inline constexpr pbxbridge::EnumName<pbxbridge::sink::AmqpSaslMechanism>
    pbxbridge::enum_names<pbxbridge::sink::AmqpSaslMechanism>[] = {
        {pbxbridge::sink::AmqpSaslMechanism::plain, "PLAIN"},
        {pbxbridge::sink::AmqpSaslMechanism::external, "EXTERNAL"}};
