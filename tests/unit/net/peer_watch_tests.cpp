#include "net/peer_watch.hpp"

#include <gtest/gtest.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace pbxbridge::net {
namespace {

int option_of(int socket, int level, int option) {
  int value = 0;
  socklen_t size = sizeof value;
  EXPECT_EQ(::getsockopt(socket, level, option, &value, &size), 0);
  return value;
}

TEST(PeerWatch, MakesTheKernelAskAndGiveUp) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  ASSERT_GE(socket, 0);
  watch_peer(socket);
  EXPECT_EQ(option_of(socket, SOL_SOCKET, SO_KEEPALIVE), 1);
  EXPECT_EQ(option_of(socket, IPPROTO_TCP, TCP_KEEPIDLE), peer_idle_time.count());
  EXPECT_EQ(option_of(socket, IPPROTO_TCP, TCP_KEEPINTVL), peer_question_interval.count());
  EXPECT_EQ(option_of(socket, IPPROTO_TCP, TCP_USER_TIMEOUT), 1000 * peer_silence_limit.count());
  ::close(socket);
}

}  // namespace
}  // namespace pbxbridge::net
