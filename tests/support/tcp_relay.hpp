#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

namespace pbxbridge::test {

/// Passes TCP connections on to a port of the loopback, and cuts them when told to. Runs in a thread of its own.
class TcpRelay {
 public:
  explicit TcpRelay(std::uint16_t target);
  ~TcpRelay();
  TcpRelay(const TcpRelay&) = delete;
  TcpRelay& operator=(const TcpRelay&) = delete;

  std::uint16_t port() const { return port_; }
  /// Connections that were ever made to it.
  int accepted() const { return accepted_; }
  /// Applies to connections from now on.
  void redirect(std::uint16_t target) { target_ = target; }

  /// Each connection is reset as soon as it is made, until `open`.
  void reject() { rejecting_ = true; }
  void open() { rejecting_ = false; }
  /// Every connection that there is ends by RST on both sides.
  void reset_connections();

 private:
  void run();

  std::atomic<std::uint16_t> target_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> rejecting_ = false;
  std::atomic<bool> resetting_ = false;
  std::atomic<bool> ending_ = false;
  std::atomic<int> accepted_ = 0;
  std::thread thread_;
};

}  // namespace pbxbridge::test
