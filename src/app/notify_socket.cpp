#include "app/notify_socket.hpp"

#include <algorithm>
#include <cstddef>
#include <unistd.h>
#include <utility>

namespace pbxbridge::app {

std::optional<NotifySocket> NotifySocket::open(std::string_view address) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  const bool is_abstract = address.starts_with('@');
  if ((!is_abstract && !address.starts_with('/')) || address.size() < 2 || address.size() >= sizeof name.sun_path)
    return std::nullopt;
  std::ranges::copy(address, name.sun_path);
  if (is_abstract) name.sun_path[0] = '\0';
  const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return std::nullopt;
  const auto size = offsetof(sockaddr_un, sun_path) + address.size() + (is_abstract ? 0 : 1);
  return NotifySocket(descriptor, name, static_cast<socklen_t>(size));
}

NotifySocket::NotifySocket(int descriptor, const sockaddr_un& address, socklen_t size)
    : descriptor_(descriptor), address_(address), size_(size) {}

NotifySocket::NotifySocket(NotifySocket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), address_(other.address_), size_(other.size_) {}

NotifySocket::~NotifySocket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool NotifySocket::send(std::string_view assignments) const {
  const ssize_t sent = ::sendto(descriptor_, assignments.data(), assignments.size(), MSG_NOSIGNAL,
                                reinterpret_cast<const sockaddr*>(&address_), size_);
  return sent == static_cast<ssize_t>(assignments.size());
}

}  // namespace pbxbridge::app
