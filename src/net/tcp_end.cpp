#include "net/tcp_end.hpp"

#include "net/peer_watch.hpp"

#include <chrono>
#include <linux/tcp.h>  // netinet/tcp.h does not know how much was received
#include <netinet/in.h>
#include <sys/socket.h>

namespace pbxbridge::net {

namespace {

// The kernel's states of a connection (include/net/tcp_states.h), which no header for programs has except linux/tcp.h.
constexpr unsigned closed = 7;
constexpr unsigned close_wait = 8;

/// A peer that closes sends an end, which counts as a byte.
constexpr unsigned length_of_fin = 1;

/// Before the kernel gives up on a silent peer, nothing was heard for the whole limit.
constexpr std::chrono::milliseconds silent = peer_silence_limit - std::chrono::seconds(2);

}  // namespace

TcpEnd tcp_end(int socket) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 || info.tcpi_bytes_received <= length_of_fin)
    return TcpEnd::none;
  if (info.tcpi_state == close_wait) return TcpEnd::peer;
  if (info.tcpi_state != closed) return TcpEnd::none;
  return std::chrono::milliseconds(info.tcpi_last_ack_recv) >= silent ? TcpEnd::silence : TcpEnd::peer;
}

}  // namespace pbxbridge::net
