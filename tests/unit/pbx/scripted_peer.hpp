#pragma once

#include "certificate.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::pbx::test {

/// The server's side of one connection, as a script that blocks. Each call throws once the client or the test is gone,
/// which ends the script.
class PeerConnection {
 public:
  virtual ~PeerConnection() = default;
  /// The next message; nothing when the client has closed.
  virtual std::optional<std::string> read() = 0;
  virtual void write(std::string_view text) = 0;
  virtual void write_binary(std::string_view bytes) = 0;
  virtual void write_in_fragments(const std::vector<std::string>& parts) = 0;
  /// Past the WebSocket: any bytes.
  virtual void write_bytes(std::string_view bytes) = 0;
  /// `answered` becomes true in a later `read`, when the answer comes.
  virtual void ping(std::atomic<bool>& answered) = 0;
  virtual void close(std::uint16_t code, const std::string& reason) = 0;
  /// Reads nothing and answers nothing until the test ends.
  virtual void freeze() = 0;
  /// Name that the client has sent as SNI; empty without TLS.
  virtual std::string server_name() const = 0;
  virtual std::string client_certificate_name() const = 0;
  virtual std::uint16_t close_code() const = 0;
};

/// A WebSocket server on a port of the kernel's choice of 127.0.0.1, one connection at a time.
class ScriptedPeer {
 public:
  /// `number` counts the connections from 1. Called on the peer's thread.
  using Script = std::function<void(PeerConnection& connection, int number)>;
  struct Options {
    std::optional<Certificate> certificate;         ///< then wss
    std::optional<Certificate> client_certificate;  ///< the one a client must have
    bool tls_1_1 = false;                           ///< no newer version
    std::string tls_1_2_ciphers;                    ///< not empty: TLS 1.2 with these, and no newer version
    bool answers_handshake = true;
    std::string http_answer;  ///< instead of the handshake
    bool drips = false;       ///< repeats the last byte of `http_answer`, 100 times a second, until the client goes
  };

  explicit ScriptedPeer(Script script);
  ScriptedPeer(Options options, Script script);
  ~ScriptedPeer();

  std::string url(const std::string& host = "127.0.0.1") const;

 private:
  struct Server;
  std::unique_ptr<Server> server_;
};

}  // namespace pbxbridge::pbx::test
