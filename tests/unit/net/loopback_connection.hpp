#pragma once

#include <gtest/gtest.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace pbxbridge::net {

/// Two ends of a TCP connection on loopback.
class LoopbackConnection : public testing::Test {
 protected:
  LoopbackConnection() {
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(listener, generic, size), 0);
    EXPECT_EQ(::listen(listener, 1), 0);
    EXPECT_EQ(::getsockname(listener, generic, &size), 0);
    EXPECT_EQ(::connect(ours_, generic, size), 0);
    theirs_ = ::accept(listener, nullptr, nullptr);
    ::close(listener);
  }
  ~LoopbackConnection() override {
    ::close(ours_);
    close_theirs();
  }
  void close_theirs() {
    if (theirs_ >= 0) ::close(std::exchange(theirs_, -1));
  }

  const int ours_ = ::socket(AF_INET, SOCK_STREAM, 0);
  int theirs_ = -1;
};

}  // namespace pbxbridge::net
