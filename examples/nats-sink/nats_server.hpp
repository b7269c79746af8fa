#pragma once

#include <filesystem>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace nats_sink {

/// A nats-server with JetStream and one stream, which takes `pbx.>`. What goes wrong throws.
class NatsServer {
 public:
  static constexpr std::size_t largest_payload = 200'000;

  NatsServer();
  ~NatsServer();
  NatsServer(const NatsServer&) = delete;
  NatsServer& operator=(const NatsServer&) = delete;

  std::string url() const { return "nats://127.0.0.1:" + std::to_string(port_); }
  /// Returns once it answers.
  void start();
  /// Ends it at once, with SIGKILL.
  void kill();
  void freeze();
  void thaw();
  /// The stream's `max_bytes`: 1 lets nothing more in, -1 everything.
  void limit_stream(std::int64_t bytes);
  /// Subject and payload of all that the stream holds, in its order.
  std::vector<std::pair<std::string, std::string>> messages() const;

 private:
  std::filesystem::path directory_;
  int port_ = 0;
  pid_t process_ = 0;
};

}  // namespace nats_sink
