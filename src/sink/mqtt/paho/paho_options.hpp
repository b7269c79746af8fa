#pragma once

// Translates what this sink has into what the library takes.

#include "mqtt/connect.hpp"
#include "mqtt/publish.hpp"
#include "sink/mqtt/mqtt_settings.hpp"
#include "websocket/handshake.hpp"

#include <memory>
#include <mqtt/async_client.h>
#include <string>

namespace pbxbridge::sink {

/// `host` is the host of the settings or an address of it.
std::string paho_uri(const MqttSettings& settings, const std::string& host);

::mqtt::create_options paho_create_options(mqtt::Version version);

/// Never copied or moved: the library's own copies point into what they were made of.
using PahoConnectOptions = std::shared_ptr<const ::mqtt::connect_options>;

/// `key_password` is that of the settings, as it was read.
PahoConnectOptions paho_connect_options(const MqttSettings& settings, const mqtt::Connect& connect,
                                        const websocket::Headers& headers, const std::string& key_password);

::mqtt::const_message_ptr paho_message(const mqtt::Publish& publish, mqtt::Version version);

/// Reads what the broker announced when it accepted the connection.
mqtt::Connack connack_of(const ::mqtt::connect_response& response);

/// Text of a property; empty where it is missing.
std::string text_of(const ::mqtt::properties& properties, ::mqtt::property::code code);

}  // namespace pbxbridge::sink
