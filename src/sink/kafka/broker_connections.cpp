#include "sink/kafka/broker_connections.hpp"

#include "net/peer_watch.hpp"
#include "net/tcp_end.hpp"
#include "sink/kafka/kafka_error_text.hpp"

#include <cerrno>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace pbxbridge::sink {

/// Without the watch librdkafka waits `socket.timeout.ms`, a minute, for the answer of a broker whose machine is gone.
int BrokerConnections::open(int domain, int type, int protocol) {
  const int socket = ::socket(domain, type | SOCK_CLOEXEC, protocol);
  if (socket >= 0) net::watch_peer(socket);
  return socket;
}

int BrokerConnections::connect(int socket, const sockaddr* address, int size, const char* broker) {
  {
    const std::lock_guard lock(mutex_);
    brokers_.insert_or_assign(socket, plain_broker_name(broker));
  }
  if (::connect(socket, address, static_cast<socklen_t>(size)) == 0 || errno == EINPROGRESS) return 0;
  return errno;
}

int BrokerConnections::close(int socket) {
  const net::TcpEnd end = net::tcp_end(socket);
  {
    const std::lock_guard lock(mutex_);
    const auto broker = brokers_.extract(socket);
    if (end != net::TcpEnd::none && !broker.empty())
      untaken_.push_back({.broker = broker.mapped(),
                          .at = std::chrono::steady_clock::now(),
                          .fell_silent = end == net::TcpEnd::silence});
  }
  return ::close(socket);
}

std::vector<EndedConnection> BrokerConnections::take_ended() {
  const std::lock_guard lock(mutex_);
  return std::exchange(untaken_, {});
}

}  // namespace pbxbridge::sink
