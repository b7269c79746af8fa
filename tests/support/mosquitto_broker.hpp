#pragma once

#include "mqtt_access.hpp"
#include "process.hpp"
#include "temporary_directory.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pbxbridge::test {

struct MosquittoOptions {
  std::vector<std::string> config;           ///< further lines of mosquitto.conf
  std::map<std::string, std::string> users;  ///< name and password; empty: everybody may connect
  std::string acl;                           ///< text of the access control list; empty: all is allowed
  bool tls = false;                          ///< listeners for mqtts and wss as well
  std::string certificate_name = "localhost";
  std::optional<int> max_inflight_messages;
  /// Keeps queued messages of lasting sessions and retained messages over `stop` and `start`.
  bool persistence = false;
};

/// A mosquitto on loopback ports that the kernel chose, the same ones for each `start`. Ends with this object.
///
/// With users or an ACL it has one more user, `observer_name`, who may read everything.
class MosquittoBroker {
 public:
  static constexpr const char* observer_name = "observer";

  explicit MosquittoBroker(MosquittoOptions options = {});
  ~MosquittoBroker();

  std::uint16_t port() const { return ports_.mqtt; }
  std::uint16_t tls_port() const { return ports_.mqtts; }
  std::uint16_t websocket_port() const { return ports_.ws; }
  std::uint16_t secure_websocket_port() const { return ports_.wss; }
  const std::filesystem::path& ca_file() const { return ca_file_; }
  MqttAccess access() const {
    return has_users() ? MqttAccess{port(), "5", observer_name, observer_name} : MqttAccess{port()};
  }
  bool has_users() const { return !options_.users.empty() || !options_.acl.empty(); }
  const std::filesystem::path& directory() const { return directory_.path(); }

  /// Returns when it listens.
  void start();
  void stop();          ///< SIGTERM: it says good-bye, and saves what it persists
  void kill();          ///< SIGKILL
  void freeze() const;  ///< keeps its connections and answers nothing
  void thaw() const;

  /// Its log since the last start.
  std::vector<std::string> log() const { return process_->error_lines(); }
  bool wait_for_log(const std::string& part) const { return process_->wait_for_error(part).has_value(); }

 private:
  struct Ports {
    std::uint16_t mqtt = 0, mqtts = 0, ws = 0, wss = 0;
  };
  void write_files() const;
  bool try_start();

  MosquittoOptions options_;
  TemporaryDirectory directory_;
  std::filesystem::path ca_file_;
  Ports ports_;
  std::unique_ptr<Process> process_;
};

}  // namespace pbxbridge::test
