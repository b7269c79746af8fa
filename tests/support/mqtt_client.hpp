#pragma once

#include <chrono>
#include <cstdlib>
#include <string>

namespace pbxbridge::test {

/// The client of the mqtt sink that this run of the tests is about: ctest runs some of them for each.
inline std::string mqtt_client() {
  const char* client = std::getenv("PBXBRIDGE_TEST_MQTT_CLIENT");
  return client == nullptr ? "native" : client;
}

/// `yaml`, the settings of a sink, with that client.
inline std::string with_mqtt_client(const std::string& yaml) {
  const std::string client = "client: " + mqtt_client();
  return yaml.starts_with('{') ? "{" + client + ", " + yaml.substr(1) : client + "\n" + yaml;
}

/// Paho takes a second more for each connection, and a search for an event takes many connections.
inline std::chrono::seconds mqtt_deadline(std::chrono::seconds native) {
  return mqtt_client() == "native" ? native : 4 * native;
}

}  // namespace pbxbridge::test
