#include "spool/gaps/subscribed_until.hpp"

#include "spool/log/byte_codec.hpp"

namespace pbxbridge::spool {

std::string encode_subscribed_until(const SubscribedUntil& mark) {
  std::string bytes;
  put(bytes, std::int64_t{mark.up_to.wall.time_since_epoch().count()});
  put(bytes, static_cast<std::uint8_t>(mark.disconnected ? 1 : 0));
  put(bytes, std::int64_t{mark.up_to.since_boot.count()});
  put(bytes, mark.up_to.boot);
  return bytes;
}

std::optional<SubscribedUntil> decode_subscribed_until(std::string_view bytes) {
  Cutter cutter(bytes);
  Moment up_to{.wall = SystemTime(std::chrono::nanoseconds(cutter.number<std::int64_t>()))};
  const auto disconnected = cutter.number<std::uint8_t>();
  if (cutter.ok() && !cutter.at_end()) {
    up_to.since_boot = std::chrono::nanoseconds(cutter.number<std::int64_t>());
    up_to.boot = cutter.number<std::uint64_t>();
  }
  if (!cutter.ok() || !cutter.at_end() || disconnected > 1) return std::nullopt;
  return SubscribedUntil{up_to, disconnected == 1};
}

}  // namespace pbxbridge::spool
