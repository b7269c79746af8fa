#include "tcp_relay.hpp"

#include "wait.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <list>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace pbxbridge::test {

namespace {

constexpr int look_around_ms = 10;

/// Owns a socket; its end is a reset.
class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {
    const linger reset{.l_onoff = 1, .l_linger = 0};
    setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    const int on = 1;
    setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  ~Socket() { ::close(descriptor_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

struct Connection {
  Connection(int accepted, int connected) : client(accepted), server(connected) {}
  Socket client;
  Socket server;
};

/// False where either side has ended. What was read is passed on whole: the sockets are blocking.
bool pass_on(const Socket& from, const Socket& to) {
  char buffer[65536];
  const auto size = ::recv(from.descriptor(), buffer, sizeof buffer, 0);
  for (ssize_t sent = 0; sent < size;) {
    const auto count = ::send(to.descriptor(), buffer + sent, static_cast<std::size_t>(size - sent), MSG_NOSIGNAL);
    if (count <= 0) return false;
    sent += count;
  }
  return size > 0;
}

}  // namespace

TcpRelay::TcpRelay(std::uint16_t target)
    : target_(target), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  auto address = loopback(0);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, any, size) != 0 || ::listen(listener_, SOMAXCONN) != 0 ||
      ::getsockname(listener_, any, &size) != 0)
    throw std::system_error(errno, std::generic_category(), "no port for a relay");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { run(); });
}

TcpRelay::~TcpRelay() {
  ending_ = true;
  thread_.join();
  ::close(listener_);
}

void TcpRelay::reset_connections() {
  resetting_ = true;
  if (!eventually([this] { return !resetting_; })) throw std::runtime_error("the relay stands still");
}

void TcpRelay::run() {
  std::list<Connection> connections;
  while (!ending_) {
    std::vector<pollfd> polled{{listener_, POLLIN, 0}};
    for (const auto& connection : connections) {
      polled.push_back({connection.client.descriptor(), POLLIN, 0});
      polled.push_back({connection.server.descriptor(), POLLIN, 0});
    }
    ::poll(polled.data(), polled.size(), look_around_ms);
    auto state = polled.begin() + 1;
    std::erase_if(connections, [&](const Connection& connection) {
      const bool from_client = state++->revents != 0;
      const bool from_server = state++->revents != 0;
      return resetting_ || (from_client && !pass_on(connection.client, connection.server)) ||
             (from_server && !pass_on(connection.server, connection.client));
    });
    resetting_ = false;
    if (polled[0].revents == 0) continue;
    const int accepted = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    ++accepted_;
    const int connected = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    connections.emplace_back(accepted, connected);
    const auto address = loopback(target_);
    if (rejecting_ || ::connect(connected, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      connections.pop_back();
  }
}

}  // namespace pbxbridge::test
