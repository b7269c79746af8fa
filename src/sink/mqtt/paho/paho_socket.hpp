#pragma once

#include <chrono>

namespace pbxbridge::sink {

/// A descriptor of our own for the library's socket, which the library may close at any time: the number that it uses
/// could be another file's by then.
class PahoSocket {
 public:
  /// `socket` is open, as it is within a callback of the library for it. Has the kernel watch the peer.
  explicit PahoSocket(int socket);
  ~PahoSocket();
  PahoSocket(const PahoSocket&) = delete;
  PahoSocket& operator=(const PahoSocket&) = delete;

  /// Ends the connection without DISCONNECT, so that the broker publishes the will: the library sends one whenever it
  /// closes a connection that stands.
  void hang_up() const;
  /// See net::tolerate_stalled_program.
  void tolerate_stalled_broker(std::chrono::milliseconds limit) const;

 private:
  const int descriptor_;
};

}  // namespace pbxbridge::sink
