#pragma once

// Frames of RFC 6455, section 5.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::websocket {

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

inline bool is_control(Opcode opcode) { return static_cast<std::uint8_t>(opcode) >= 8; }

/// Section 7.4.1.
enum class CloseCode : std::uint16_t { normal = 1000, protocol_error = 1002, not_utf8 = 1007 };

inline constexpr std::size_t max_control_bytes = 125;

struct FrameHeader {
  bool is_final = false;
  Opcode opcode = Opcode::continuation;
  std::uint64_t payload_bytes = 0;
  std::size_t header_bytes = 0;  ///< of this header itself
};

/// Reads the header at the front of `bytes`, as a client receives it. Nothing: more bytes are needed, or, where `wrong`
/// is set, no server may send that; `wrong` is a clause.
std::optional<FrameHeader> read_frame_header(std::string_view bytes, std::string_view& wrong);

/// A whole frame as a client sends it, masked with `mask`, which the peer must not be able to foresee (section 10.3).
void append_masked_frame(std::string& out, Opcode opcode, std::string_view payload, std::uint32_t mask);

}  // namespace pbxbridge::websocket
