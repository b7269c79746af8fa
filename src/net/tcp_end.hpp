#pragma once

namespace pbxbridge::net {

/// What has ended a TCP connection, or that nothing has.
enum class TcpEnd {
  none,     ///< it stands, or its peer has never said anything on it
  peer,     ///< the peer has closed or reset it
  silence,  ///< the kernel has given up on a peer that no longer answers (`watch_peer`)
};

/// Of a socket that is not closed yet, by tcp(7)'s TCP_INFO. Where the kernel does not tell, none.
TcpEnd tcp_end(int socket);

}  // namespace pbxbridge::net
