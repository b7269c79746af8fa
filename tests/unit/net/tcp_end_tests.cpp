#include "loopback_connection.hpp"
#include "net/tcp_end.hpp"
#include "support/wait.hpp"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace pbxbridge::net {
namespace {

class TcpEndTest : public LoopbackConnection {
 protected:
  void peer_sends() {
    EXPECT_EQ(::send(theirs_, "answer", 6, 0), 6);
    char buffer[6];
    EXPECT_EQ(::recv(ours_, buffer, sizeof buffer, MSG_WAITALL), 6);
  }
  void peer_resets() {
    const linger reset{.l_onoff = 1, .l_linger = 0};
    EXPECT_EQ(::setsockopt(theirs_, SOL_SOCKET, SO_LINGER, &reset, sizeof reset), 0);
    close_theirs();
  }
};

TEST_F(TcpEndTest, IsNoneWhileTheConnectionStands) {
  peer_sends();
  EXPECT_EQ(tcp_end(ours_), TcpEnd::none);
}

TEST_F(TcpEndTest, IsThePeersWhereItCloses) {
  peer_sends();
  close_theirs();
  EXPECT_TRUE(test::eventually([&] { return tcp_end(ours_) == TcpEnd::peer; }));
}

TEST_F(TcpEndTest, IsThePeersWhereItResetsAndTheErrorHasBeenRead) {
  peer_sends();
  peer_resets();
  char byte = 0;
  EXPECT_EQ(::recv(ours_, &byte, 1, 0), -1);
  EXPECT_EQ(errno, ECONNRESET);
  EXPECT_EQ(tcp_end(ours_), TcpEnd::peer);
}

TEST_F(TcpEndTest, IsNoneWhereThePeerHasNeverSaidAnything) {
  close_theirs();
  char byte = 0;
  EXPECT_EQ(::recv(ours_, &byte, 1, 0), 0);
  EXPECT_EQ(tcp_end(ours_), TcpEnd::none);
}

TEST(TcpEnd, IsNoneOfAConnectionThatWasRejected) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(1);
  EXPECT_NE(::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(tcp_end(socket), TcpEnd::none);
  ::close(socket);
}

}  // namespace
}  // namespace pbxbridge::net
