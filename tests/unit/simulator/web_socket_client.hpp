#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace pbxbridge::test {

/// A blocking WebSocket client. Everything throws std::exception where it fails or takes longer than ten seconds.
class WebSocketClient {
 public:
  /// `url` as the simulator prints it; `ca_file` is trusted for wss. `host` is the name that the certificate must have;
  /// empty: the host of the URL.
  explicit WebSocketClient(const std::string& url, const std::filesystem::path& ca_file = {},
                           const std::string& host = {});
  ~WebSocketClient();

  void send(const std::string& frame);
  std::string receive();
  bool last_was_binary() const;

  /// Waits for the end and says how it came: the close code, or the error's text.
  std::string wait_for_end();
  /// Messages that came before the end.
  std::size_t messages_before_end() const { return messages_before_end_; }

  /// Pings, and whether the pong came within `patience`.
  bool answers_ping(std::chrono::milliseconds patience);

 private:
  class Stream;
  template <class Next>
  class StreamOver;
  std::unique_ptr<Stream> stream_;
  std::size_t messages_before_end_ = 0;
};

}  // namespace pbxbridge::test
