#include "spool/log/segment_codec.hpp"

#include "spool/log/byte_codec.hpp"
#include "spool/log/record.hpp"

namespace pbxbridge::spool {

std::string encode_segment(const Segment& segment) {
  std::string text;
  put(text, segment.last.value);
  put(text, segment.bytes);
  put(text, std::int64_t{segment.oldest.time_since_epoch().count()});
  put(text, std::int64_t{segment.newest.time_since_epoch().count()});
  return text;
}

std::optional<Segment> decode_segment(std::string_view key, std::string_view value) {
  const auto first = decode_key(key);
  Cutter cutter(value);
  Segment segment;
  segment.last.value = cutter.number<std::uint64_t>();
  segment.bytes = cutter.number<std::uint64_t>();
  segment.oldest = SystemTime(std::chrono::nanoseconds(cutter.number<std::int64_t>()));
  segment.newest = SystemTime(std::chrono::nanoseconds(cutter.number<std::int64_t>()));
  if (!first || !cutter.ok() || !cutter.at_end() || segment.last < *first) return std::nullopt;
  segment.first = *first;
  return segment;
}

}  // namespace pbxbridge::spool
