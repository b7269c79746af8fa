#pragma once

#include <bitset>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

namespace pbxbridge::sink {

/// Cause of one of the library's callbacks. The callbacks themselves do not give it: Debian's 1.3.12 reports a message
/// as delivered for any acknowledgement with its identifier, and the end of a connection without its cause.
struct PahoCause {
  enum class Kind : std::uint8_t { other, puback, pubrec, pubcomp, silence };
  Kind kind = Kind::other;
  bool after_pubrec = false;  ///< a PUBREC for the same message came before
  int socket = -1;            ///< on which the packet came
  bool operator==(const PahoCause&) const = default;
};

/// Reads the library's trace, where each packet has a line, which comes on the same thread before its callback. Needs
/// client ids without spaces (see paho_settings.hpp). Not thread-safe.
class PahoTrace {
 public:
  /// `line` is one of the level PROTOCOL, with the library's time before it: "20261129 064712.123 7 board <- PUBREC
  /// msgid: 3". Returns what the callbacks that follow on this thread are called for, and nothing where it says nothing
  /// of that.
  std::optional<PahoCause> read(std::string_view line);

 private:
  using Identifiers = std::bitset<65'536>;

  PahoCause acknowledged(std::string_view type, int socket, std::uint16_t identifier);

  std::map<int, Identifiers> received_;  // by socket: messages for which PUBREC came
};

}  // namespace pbxbridge::sink
