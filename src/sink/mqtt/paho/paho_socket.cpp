#include "sink/mqtt/paho/paho_socket.hpp"

#include "net/peer_watch.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace pbxbridge::sink {

PahoSocket::PahoSocket(int socket) : descriptor_(fcntl(socket, F_DUPFD_CLOEXEC, 0)) {
  if (descriptor_ >= 0) net::watch_peer(descriptor_);
}

PahoSocket::~PahoSocket() {
  if (descriptor_ >= 0) close(descriptor_);
}

void PahoSocket::hang_up() const {
  if (descriptor_ >= 0) shutdown(descriptor_, SHUT_RDWR);
}

void PahoSocket::tolerate_stalled_broker(std::chrono::milliseconds limit) const {
  if (descriptor_ >= 0) net::tolerate_stalled_program(descriptor_, limit);
}

}  // namespace pbxbridge::sink
