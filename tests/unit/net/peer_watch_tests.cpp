#include "loopback_connection.hpp"
#include "net/peer_watch.hpp"
#include "support/wait.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
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

class PeerWatchTest : public LoopbackConnection {
 protected:
  PeerWatchTest() { watch_peer(ours_); }
  int limit() const { return option_of(ours_, IPPROTO_TCP, TCP_USER_TIMEOUT); }
  /// Asks for the result of `tolerate_stalled_program` until it is `expected`.
  [[nodiscard]] bool reaches(int expected) const {
    return test::eventually([&] {
      tolerate_stalled_program(ours_, std::chrono::seconds(30));
      return limit() == expected;
    });
  }
};

constexpr int usual = 10'000;

TEST_F(PeerWatchTest, GivesAProgramThatReadsNothingMoreTime) {
  EXPECT_TRUE(reaches(usual)) << "nothing was sent";
  const std::string bytes(1'000'000, 'x');
  while (::send(ours_, bytes.data(), bytes.size(), MSG_DONTWAIT) > 0) {
  }
  EXPECT_TRUE(reaches(30'000));
  tolerate_stalled_program(ours_, std::chrono::seconds(1));
  EXPECT_EQ(limit(), usual) << "never less than the other machine is given";

  std::string read(1'000'000, '\0');
  EXPECT_TRUE(test::eventually([&] {
    while (::recv(theirs_, read.data(), read.size(), MSG_DONTWAIT) > 0) {
    }
    tolerate_stalled_program(ours_, std::chrono::seconds(30));
    return limit() == usual;
  })) << "it reads again";
}

}  // namespace
}  // namespace pbxbridge::net
