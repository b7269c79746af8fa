#include "net/peer_watch.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace pbxbridge::net {

namespace {

void set_option(int socket, int level, int option, std::chrono::seconds::rep value) {
  const int number = static_cast<int>(value);
  static_cast<void>(::setsockopt(socket, level, option, &number, sizeof number));
}

}  // namespace

void watch_peer(int socket) {
  set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, peer_idle_time.count());
  set_option(socket, IPPROTO_TCP, TCP_KEEPINTVL, peer_question_interval.count());
  set_option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, std::chrono::milliseconds(peer_silence_limit).count());
}

}  // namespace pbxbridge::net
