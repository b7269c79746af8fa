#include "unreachable_address.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <netinet/in.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace pbxbridge::test {

namespace {

/// Listens on a free port of 127.0.0.1, which it returns. Connections are made up to `backlog`, and never accepted.
sockaddr_in listen_without_accepting(int socket, int backlog) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const any_address = reinterpret_cast<sockaddr*>(&address);
  if (bind(socket, any_address, size) != 0 || getsockname(socket, any_address, &size) != 0 ||
      listen(socket, backlog) != 0)
    throw std::system_error(errno, std::generic_category(), "a port that nothing answers at");
  return address;
}

std::string text_of(const sockaddr_in& address) { return "127.0.0.1:" + std::to_string(ntohs(address.sin_port)); }

}  // namespace

BlackHole::BlackHole() {
  sockets_.push_back(::socket(AF_INET, SOCK_STREAM, 0));
  const sockaddr_in address = listen_without_accepting(sockets_.front(), 0);
  address_ = text_of(address);
  constexpr int more_than_fit = 4;
  for (int i = 0; i < more_than_fit; ++i) {
    sockets_.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    (void)::connect(sockets_.back(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }
}

BlackHole::~BlackHole() {
  for (const int socket : sockets_) ::close(socket);
}

MuteListener::MuteListener()
    : socket_(::socket(AF_INET, SOCK_STREAM, 0)), address_(text_of(listen_without_accepting(socket_, SOMAXCONN))) {}

MuteListener::~MuteListener() { ::close(socket_); }

}  // namespace pbxbridge::test
