#pragma once

#include <cstdint>
#include <string>

namespace pbxbridge::test {

/// Access of a test to a broker on 127.0.0.1.
struct MqttAccess {
  std::uint16_t port = 0;
  std::string version = "5";  ///< of MQTT: the newest that the broker speaks, 5 or 3.1.1
  std::string user = {};      ///< who may read everything; empty: nobody has to say who he is
  std::string password = {};
};

}  // namespace pbxbridge::test
