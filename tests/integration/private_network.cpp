#include "private_network.hpp"

#include "process.hpp"

#include <fcntl.h>
#include <sched.h>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <vector>

namespace pbxbridge::test {

namespace {

bool succeeds(std::vector<std::string> command) { return Process(std::move(command)).wait() == 0; }

void iptables(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "iptables");
  Process process(arguments);
  if (process.wait() != 0) throw std::runtime_error("iptables failed:\n" + process.transcript());
}

}  // namespace

std::unique_ptr<PrivateNetwork> PrivateNetwork::enter() {
  const int former = ::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  if (former < 0) return nullptr;
  if (::unshare(CLONE_NEWNET) != 0) {
    ::close(former);
    return nullptr;
  }
  std::unique_ptr<PrivateNetwork> network(new PrivateNetwork(former));
  // One address that is not of the loopback's kind: without it librdkafka resolves not even 127.0.0.1 (AI_ADDRCONFIG).
  if (!succeeds({"ip", "link", "set", "lo", "up"}) ||
      !succeeds({"ip", "address", "add", "192.0.2.1/32", "dev", "lo"}) || !succeeds({"iptables", "-L", "-n"}))
    return nullptr;
  return network;
}

PrivateNetwork::~PrivateNetwork() {
  ::setns(former_namespace_, CLONE_NEWNET);
  ::close(former_namespace_);
}

void PrivateNetwork::drop_packets(std::uint16_t port) {
  for (const char* end : {"--sport", "--dport"})
    iptables({"-A", "INPUT", "-p", "tcp", end, std::to_string(port), "-j", "DROP"});
}

void PrivateNetwork::drop_resets_from(std::uint16_t port) {
  iptables({"-A", "INPUT", "-p", "tcp", "--sport", std::to_string(port), "--tcp-flags", "RST", "RST", "-j", "DROP"});
}

void PrivateNetwork::reset_connections(std::uint16_t port) {
  for (const char* end : {"--sport", "--dport"})
    iptables({"-A", "INPUT", "-p", "tcp", end, std::to_string(port), "-j", "REJECT", "--reject-with", "tcp-reset"});
}

void PrivateNetwork::let_packets_pass() { iptables({"-F", "INPUT"}); }

}  // namespace pbxbridge::test
