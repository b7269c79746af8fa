#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace pbxbridge::test {

/// One accepted connection of a `TcpPeer`, with blocking calls.
class TcpConversation {
 public:
  explicit TcpConversation(int socket) : socket_(socket) {}

  /// The next bytes, exactly so many; fewer where the connection or the peer ends.
  std::string read(std::size_t bytes) const;
  /// Up to and with `end`; an empty text where the connection ends before.
  std::string read_to(std::string_view end) const;
  void write(std::string_view bytes) const;

 private:
  int socket_;
};

/// A server on a port that the kernel chose, for peers that say what no real one says. Serves one connection after the
/// other on a thread of its own, and closes each when `serve` returns.
class TcpPeer {
 public:
  using Serve = std::function<void(const TcpConversation& conversation, int number)>;  ///< the first is number 0

  explicit TcpPeer(Serve serve);
  ~TcpPeer();
  TcpPeer(const TcpPeer&) = delete;
  TcpPeer& operator=(const TcpPeer&) = delete;

  std::uint16_t port() const { return port_; }

 private:
  void run(const Serve& serve);

  int listener_;
  std::uint16_t port_ = 0;
  std::atomic<int> served_{-1};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace pbxbridge::test
