#pragma once

#include "mqtt_broker_program.hpp"

namespace pbxbridge::test {

// Brokers that scripts/brokers.sh installs. Each rejects topics below `forbidden/` in its own way where it can.

/// Debian's nats-server, with JetStream, without which it has no MQTT. MQTT 3.1.1, QoS 0 and 1.
MqttBrokerKind nats();
/// Maven's, with a journal. MQTT 3.1.1 and 5; with 3.1.1 it ends the connection for a topic that is forbidden.
/// Now and then it hands a message of QoS 1 to its subscribers before an earlier one of the same topic (its issue
/// ARTEMIS-6191).
MqttBrokerKind artemis();
/// The one that scripts/brokers.sh builds with Go: QoS 2 since 2.10.
MqttBrokerKind newer_nats();
/// npm's. MQTT 3.1.1; ends the connection for a topic that is forbidden, and for a PUBREL that it did not expect.
MqttBrokerKind aedes();
/// Speaks MQTT 5 as well, but to a subscriber whose Receive Maximum is reached it hands what follows out of order or
/// not at all.
MqttBrokerKind mochi();
MqttBrokerKind moquette();
MqttBrokerKind hivemq();
/// Debian's. MQTT 3.1.1; acknowledges QoS 2 as QoS 1.
MqttBrokerKind rabbitmq();
/// Writes the files of a RabbitMQ into the directory; `plugins`: names with commas between them. Returns its command
/// line.
std::vector<std::string> rabbitmq_command(const std::filesystem::path& directory, const std::string& plugins,
                                          const std::string& configuration);
/// Debian's, without persistence of what it has acknowledged.
MqttBrokerKind ejabberd();

}  // namespace pbxbridge::test
