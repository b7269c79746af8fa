#include "unreachable_address.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <netinet/in.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace pbxbridge::test {

BlackHole::BlackHole() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const any_address = reinterpret_cast<sockaddr*>(&address);
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockets_.push_back(listener);
  if (bind(listener, any_address, size) != 0 || getsockname(listener, any_address, &size) != 0 ||
      listen(listener, 0) != 0)
    throw std::system_error(errno, std::generic_category(), "a black hole");
  address_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  constexpr int more_than_fit = 4;
  for (int i = 0; i < more_than_fit; ++i) {
    sockets_.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    (void)::connect(sockets_.back(), any_address, size);
  }
}

BlackHole::~BlackHole() {
  for (const int socket : sockets_) ::close(socket);
}

}  // namespace pbxbridge::test
