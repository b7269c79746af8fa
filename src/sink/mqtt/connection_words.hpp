#pragma once

#include "mqtt/protocol.hpp"
#include "pbxbridge/error.hpp"
#include "sink/mqtt/mqtt_outcomes.hpp"
#include "sink/mqtt/mqtt_settings.hpp"

#include <string>
#include <string_view>

namespace pbxbridge::sink {

/// Load of a connection up to its end.
struct Carried {
  bool messages = false;     ///< other than of the status topic
  unsigned highest_qos = 0;  ///< of all that was sent
};

/// Says in words why a connection to a broker was not made or ended, whichever client made it. `settings` outlive it.
class ConnectionWords {
 public:
  ConnectionWords(const MqttSettings& settings, std::string status_topic);

  /// `host:port`
  const std::string& broker() const { return broker_; }
  const std::string& client_id() const { return settings_.memory->client_id(settings_.client_id); }

  /// Nothing within `connect_timeout`; `progress` names the step that hung.
  Error no_connection_in_time(std::string_view progress) const;
  /// TCP, TLS or the WebSocket handshake failed.
  Error no_connection(const Error& error) const;
  /// The connection ended before the broker answered.
  Error ended_before_acceptance(const Error& error) const;
  Error no_mqtt(std::string_view reason) const;
  Error speaks_http() const;
  /// A broker whose CONNACK cannot be read; `fault` is a clause: "it sent ...".
  Error malformed_acceptance(std::string_view fault) const;
  Error rejected(int code, const BrokerWords& words) const { return named(connect_rejection(code, words)); }

  /// The broker ended a standing connection by a DISCONNECT.
  Error disconnected(int code, const BrokerWords& words, const Carried& carried) const;
  /// A standing connection ended without a reason.
  Error ended(const Error& error, const Carried& carried) const;
  Error no_ping_answer(std::chrono::seconds silence) const;
  /// `fault` is a clause: "it sent ...".
  Error breaks_protocol(std::string_view fault) const;

  /// Notice about a broker without QoS 2.
  std::string downgrades() const;

 private:
  /// Returns whether the broker may have no QoS 2. With MQTT 3.1.1 it cannot announce that, and some end the connection
  /// for it (NATS 2.9).
  bool may_lack_qos_2(const Carried& carried) const;
  /// Puts the broker's name before the text.
  Error named(Error error) const;
  Error taken_over() const;

  const MqttSettings& settings_;
  const std::string status_topic_;
  const std::string broker_;
};

}  // namespace pbxbridge::sink
