#pragma once

#include <boost/system/result.hpp>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace pbxbridge {

/// Category of the trouble; decides the exit code and whether trying again can help.
enum class ErrorCategory {
  configuration,  ///< the operator must change something
  network,        ///< a peer was not reached or went away; trying again may help
  tls,            ///< a certificate or a handshake was rejected
  rejected,       ///< a peer understood and said no
  storage,        ///< the disk failed or is full
  internal,       ///< a broken assumption of our own
};

/// Reason that the disk itself gave for a failure.
enum class StorageCause {
  other,
  damage,       ///< the content is not what was written
  missing,      ///< a file is not there (ENOENT)
  full,         ///< no space, or no quota, is left (ENOSPC, EDQUOT)
  permission,   ///< this process may not (EACCES, EPERM, EROFS)
  descriptors,  ///< too many files are open (EMFILE, ENFILE)
  memory,       ///< no memory is left (ENOMEM)
  device,       ///< it fails to read or to write (EIO and its like)
  file_size,    ///< this process may not make a file so large (EFBIG)
};

/// `text` is a whole clause an operator can read ("connection refused by 192.0.2.7:9092"), without a code, without a
/// final stop, and never holds a secret, a payload or what else an event holds.
struct Error {
  ErrorCategory category = ErrorCategory::internal;
  std::string text;
  std::chrono::milliseconds wait{0};  ///< trying again before then is of no use, as far as is known
  /// Time at which the peer itself ended a standing connection, perhaps for what it was sent last.
  std::optional<std::chrono::steady_clock::time_point> hung_up_at;
  StorageCause cause = StorageCause::other;  ///< set where `category` is `storage`
  /// The peer rejected the account: it is asked again seldom, so that it does not lock the account.
  bool account_rejected = false;
  /// The peer's own words as they came, where it said any. They may repeat what it was sent: the core leaves out
  /// secrets and what came from events, and cuts them to a length, before it logs them.
  std::string peer_words;
};

/// Outcome of what may fail in normal operation. Exceptions are for start-up and configuration only.
template <class T>
using Result = boost::system::result<T, Error>;

/// Lets `Result::value()` throw where a caller has made sure that there is a value.
[[noreturn]] inline void throw_exception_from_error(const Error& error, const boost::source_location&) {
  throw std::runtime_error(error.text);
}

}  // namespace pbxbridge
