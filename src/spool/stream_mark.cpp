#include "spool/stream_mark.hpp"

#include "spool/byte_codec.hpp"

namespace pbxbridge::spool {

std::string encode_stream_mark(const StreamMark& mark) {
  std::string bytes;
  put(bytes, std::int64_t{mark.up_to.time_since_epoch().count()});
  put(bytes, static_cast<std::uint8_t>(mark.disconnected ? 1 : 0));
  return bytes;
}

std::optional<StreamMark> decode_stream_mark(std::string_view bytes) {
  Cutter cutter(bytes);
  const SystemTime up_to(std::chrono::nanoseconds(cutter.number<std::int64_t>()));
  const auto disconnected = cutter.number<std::uint8_t>();
  if (!cutter.ok() || !cutter.at_end() || disconnected > 1) return std::nullopt;
  return StreamMark{up_to, disconnected == 1};
}

}  // namespace pbxbridge::spool
