#pragma once

#include "pbxbridge/error.hpp"
#include "websocket/frame.hpp"
#include "websocket/handshake.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::websocket {

/// The client's side of one WebSocket connection (RFC 6455), without I/O: what the peer sent goes in, what it means
/// comes out, and what is to be sent waits in `output`. No extension is offered, and so none is taken.
///
/// A peer decides how many frames a message has, so each costs a turn of a loop and no stack, and those that hold
/// nothing are bounded: a message of `max_empty_fragments` more breaks the protocol.
///
/// A message that came in one frame, which is nearly all of them, is a view into the bytes that were passed in: nothing
/// is copied on the way.
class Client {
 public:
  /// Bound in one message. RFC 6455 sets none; no known server sends more than a few.
  static constexpr std::uint32_t max_empty_fragments = 100'000;

  struct Settings {
    std::string authority;    ///< `Host`
    std::string target;       ///< path and query
    std::string subprotocol;  ///< offered, and expected in the answer, where it is not empty
    std::uint64_t max_message_bytes = 0;
    /// Texts that are not UTF-8 break the protocol (RFC 6455, section 8.1), or are passed on as they came.
    bool strict_utf8 = true;
    Headers headers = {};  ///< headers of the handshake's request, next to its own
  };

  explicit Client(Settings settings);

  /// Puts the request of the handshake into the output; once, first of all.
  void begin();

  struct Incoming {
    enum class Kind : std::uint8_t {
      nothing,    ///< more bytes are needed
      opened,     ///< the peer has accepted the handshake
      text,       ///< a message
      binary,     ///< a message
      too_large,  ///< a message of `size` bytes, over the limit, was skipped
      control,    ///< a ping, which the output answers, or a pong
      closed,     ///< the peer's close, with `close_code` and a reason in `message`; the output answers it
      failed,     ///< it does not keep to the protocol, or rejected the handshake: `detail` says how; nothing follows
    };
    Kind kind = Kind::nothing;
    std::string_view message;  ///< until the next call, and as long as the bytes that were passed in
    std::uint64_t size = 0;
    std::uint16_t close_code = 0;  ///< 0: none was given
    std::string detail;            ///< a clause, for the operator
    // Error of a handshake that was rejected; see `http_rejection`.
    ErrorCategory category = ErrorCategory::network;
    std::chrono::milliseconds wait{0};
  };

  /// The next of what `bytes` holds; what it took is cut off at their front. To be called until it says `nothing`, then
  /// again with the bytes that were left and more after them.
  Incoming next(std::string_view& bytes);

  void send_text(std::string_view message) { send(Opcode::text, message); }
  void send_binary(std::string_view message) { send(Opcode::binary, message); }
  void ping() { send(Opcode::ping, {}); }
  /// Nothing may be sent after it; the peer's answer is `closed`.
  void close();

  bool is_open() const { return phase_ == Phase::open; }
  /// Number of whole frames that have come, but for fragments that hold nothing. Where it grows, the peer lives; bytes
  /// alone do not show that.
  std::uint64_t frames() const { return frames_; }
  /// Returns whether a message in fragments has begun and not ended.
  bool in_message() const { return in_message_; }
  /// Bytes to be sent; whoever sends them empties it.
  std::string& output() { return output_; }

 private:
  enum class Phase : std::uint8_t { handshake, open, ended };

  void send(Opcode opcode, std::string_view payload);
  Incoming read_handshake(std::string_view& bytes);
  /// Nothing: a frame, or the rest of one that is skipped, was taken, and there is nothing to tell of it.
  std::optional<Incoming> read_frame(std::string_view& bytes);
  std::optional<Incoming> skip(std::string_view& bytes);
  std::optional<Incoming> begin_data(const FrameHeader& header);
  void count(const FrameHeader& header);
  Incoming control(Opcode opcode, std::string_view payload);
  Incoming close_frame(std::string_view payload);
  std::optional<Incoming> data(bool is_final, std::string_view payload);
  Incoming complete(std::string_view message);
  bool may_be_text(std::string_view bytes) const;
  Incoming fail(CloseCode code, std::string_view detail);

  const Settings settings_;
  Phase phase_ = Phase::handshake;
  std::string key_;
  std::string output_;
  bool close_sent_ = false;
  // State of the message that is coming in.
  bool in_message_ = false;
  bool is_text_ = false;
  std::uint64_t message_bytes_ = 0;    // of its frames up to now
  std::uint32_t empty_fragments_ = 0;  // among them
  std::string fragments_;
  std::string completed_;  // the last that came in fragments
  std::uint64_t frames_ = 0;
  std::optional<FrameHeader> skipped_;  // of the frame whose payload is being skipped
  std::uint64_t left_to_skip_ = 0;
};

}  // namespace pbxbridge::websocket
