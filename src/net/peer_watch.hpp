#pragma once

#include <chrono>

namespace pbxbridge::net {

/// Time for which a connection may carry nothing before the kernel asks the other end's whether it is there.
constexpr std::chrono::seconds peer_idle_time{3};
/// Time from one such question to the next.
constexpr std::chrono::seconds peer_question_interval{1};
/// Time for which data, or such a question, may stay without the other kernel's acknowledgement.
constexpr std::chrono::seconds peer_silence_limit{10};

/// Has the kernel end this TCP connection when the machine at its other end, or the way to it, is gone (tcp(7):
/// TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_USER_TIMEOUT). Nobody says so then, and a protocol's own time for an answer must be
/// long, for the sake of those that are only slow; the other kernel answers at once however busy its machine is.
/// A kernel that does not know an option leaves it to the protocol's own time.
///
/// Ends one to a program that has stopped reading, too, once no more goes into its kernel for so long; unless
/// `tolerate_stalled_program` is called meanwhile.
void watch_peer(int socket);

/// Called more often than once in `peer_silence_limit`. Where the other kernel has acknowledged all that was sent
/// and takes no more, its program has stopped reading: that may last for `limit` in all. Anything else may last for
/// `peer_silence_limit`.
void tolerate_stalled_program(int socket, std::chrono::milliseconds limit);

}  // namespace pbxbridge::net
