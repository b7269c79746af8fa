#include "tcp_peer.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace pbxbridge::test {

std::string TcpConversation::read(std::size_t bytes) const {
  std::string text(bytes, '\0');
  std::size_t size = 0;
  while (size < bytes) {
    const auto count = ::recv(socket_, text.data() + size, bytes - size, 0);
    if (count <= 0) break;
    size += static_cast<std::size_t>(count);
  }
  text.resize(size);
  return text;
}

std::string TcpConversation::read_to(std::string_view end) const {
  std::string text;
  while (!text.ends_with(end)) {
    const std::string next = read(1);
    if (next.empty()) return {};
    text += next;
  }
  return text;
}

void TcpConversation::write(std::string_view bytes) const {
  static_cast<void>(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
}

TcpPeer::TcpPeer(Serve serve) : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, any, size) != 0 || ::listen(listener_, 8) != 0 || ::getsockname(listener_, any, &size) != 0)
    throw std::runtime_error("no listener on loopback");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this, serve = std::move(serve)] { run(serve); });
}

TcpPeer::~TcpPeer() {
  stopping_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  if (const int served = served_; served >= 0) ::shutdown(served, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
}

void TcpPeer::run(const Serve& serve) {
  for (int number = 0; !stopping_; ++number) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    served_ = socket;
    if (!stopping_) serve(TcpConversation(socket), number);
    served_ = -1;
    ::close(socket);
  }
}

}  // namespace pbxbridge::test
