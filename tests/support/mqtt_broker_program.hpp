#pragma once

#include "mqtt_access.hpp"
#include "process.hpp"
#include "temporary_directory.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace pbxbridge::test {

/// Kind of broker other than mosquitto, and how to run it; mqtt_brokers.hpp has them.
struct MqttBrokerKind {
  std::string name;
  std::string version = "5";  ///< of MQTT, the newest that it speaks
  std::string user = {};
  std::string password = {};
  bool keeps_order = true;  ///< of the messages of one topic, as MQTT asks of it
  /// Writes what the broker needs into the directory and returns its command line. It listens on 127.0.0.1 only.
  std::function<std::vector<std::string>(const std::filesystem::path& directory, std::uint16_t port)> prepare;
  std::map<std::string, std::string> environment = {};
};

/// One such broker on a port that the kernel chose, the same one for each `start`. Ends with this object.
class MqttBrokerProgram {
 public:
  explicit MqttBrokerProgram(MqttBrokerKind kind);

  bool keeps_order() const { return kind_.keeps_order; }
  MqttAccess access() const { return {port_, kind_.version, kind_.user, kind_.password}; }

  /// Returns when it takes connections.
  void start();
  void kill();  ///< SIGKILL
  void freeze() const;
  void thaw() const;

 private:
  bool try_start();

  const MqttBrokerKind kind_;
  TemporaryDirectory directory_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Process> process_;
};

}  // namespace pbxbridge::test
