#pragma once

namespace pbxbridge::net {

/// Cause of the end of a TCP connection, or none.
enum class TcpEnd {
  none,     ///< it stands, or its peer has never said anything on it
  peer,     ///< the peer has closed or reset it
  silence,  ///< the kernel has given up on a peer that no longer answers (`watch_peer`)
};

/// Reads it from a socket that is not closed yet, by tcp(7)'s TCP_INFO; none if the kernel does not say.
TcpEnd tcp_end(int socket);

}  // namespace pbxbridge::net
