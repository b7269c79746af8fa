#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>

namespace pbxbridge::app {

/// The datagram socket on which a service manager, such as systemd or Podman, wants to hear how a service is, by the
/// protocol of sd_notify(3). Never waits: libsystemd's function does, where the manager does not read, and would stop
/// the io thread.
class NotifySocket {
 public:
  /// `address`: as in $NOTIFY_SOCKET, a path or, after `@`, a name in the kernel's abstract namespace. Nothing where it
  /// is neither.
  static std::optional<NotifySocket> open(std::string_view address);
  ~NotifySocket();
  NotifySocket(NotifySocket&& other) noexcept;
  NotifySocket& operator=(NotifySocket&&) = delete;

  /// Sends one datagram of `NAME=VALUE` lines. False where the manager does not take it now.
  bool send(std::string_view assignments) const;

 private:
  NotifySocket(int descriptor, const sockaddr_un& address, socklen_t size);

  int descriptor_;
  sockaddr_un address_;
  socklen_t size_;
};

}  // namespace pbxbridge::app
