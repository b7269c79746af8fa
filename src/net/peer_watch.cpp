#include "net/peer_watch.hpp"

#include <algorithm>
#include <limits>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace pbxbridge::net {

namespace {

void set_option(int socket, int level, int option, std::chrono::seconds::rep value) {
  const int number = static_cast<int>(value);
  static_cast<void>(::setsockopt(socket, level, option, &number, sizeof number));
}

/// Written bytes (tcp(7)).
int queued(int socket, unsigned long which) {
  int bytes = 0;
  return ::ioctl(socket, which, &bytes) == 0 ? bytes : 0;
}

bool waits_for_the_program(int socket) {
  const int unsent = queued(socket, SIOCOUTQNSD);
  return unsent > 0 && queued(socket, SIOCOUTQ) == unsent;
}

}  // namespace

void watch_peer(int socket) {
  set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, peer_idle_time.count());
  set_option(socket, IPPROTO_TCP, TCP_KEEPINTVL, peer_question_interval.count());
  set_option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, std::chrono::milliseconds(peer_silence_limit).count());
}

void tolerate_stalled_program(int socket, std::chrono::milliseconds limit) {
  constexpr std::chrono::milliseconds longest{std::numeric_limits<int>::max()};
  const std::chrono::milliseconds usual = peer_silence_limit;
  const auto allowed = waits_for_the_program(socket) ? std::clamp(limit, usual, longest) : usual;
  set_option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, allowed.count());
}

}  // namespace pbxbridge::net
