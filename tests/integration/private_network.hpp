#pragma once

#include <cstdint>
#include <memory>

namespace pbxbridge::test {

/// A network namespace with nothing but a loopback of its own, for this thread and the children that it starts from now
/// on. What is done to packets there touches nobody else. Ends with this object: the thread is back where it was.
class PrivateNetwork {
 public:
  /// Null where this process may not make one, or iptables is missing.
  static std::unique_ptr<PrivateNetwork> enter();
  ~PrivateNetwork();
  PrivateNetwork(const PrivateNetwork&) = delete;
  PrivateNetwork& operator=(const PrivateNetwork&) = delete;

  /// Drops packets from and to that TCP port, in silence: no reset, no answer.
  void drop_packets(std::uint16_t port);
  /// No RST from that TCP port arrives: who is connected to it does not hear that the other end is gone.
  void drop_resets_from(std::uint16_t port);
  /// Ends each connection with that TCP port by a RST as soon as something is sent, and lets none be made.
  void reset_connections(std::uint16_t port);
  void let_packets_pass();

 private:
  explicit PrivateNetwork(int former_namespace) : former_namespace_(former_namespace) {}

  int former_namespace_;
};

}  // namespace pbxbridge::test
