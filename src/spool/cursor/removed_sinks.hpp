#pragma once

#include "pbxbridge/system_time.hpp"
#include "spool/log/byte_codec.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::spool {

/// Time at which a sink left the configuration; nothing: it is there again.
using RemovedSinks = std::map<std::string, std::optional<SystemTime>>;

// i64 ns since 1970, little-endian.

inline std::string encode_removed_since(SystemTime since) {
  std::string bytes;
  put<std::int64_t>(bytes, std::chrono::nanoseconds(since.time_since_epoch()).count());
  return bytes;
}

/// Returns nothing where the bytes are damaged.
inline std::optional<SystemTime> decode_removed_since(std::string_view bytes) {
  Cutter cutter(bytes);
  const SystemTime since{std::chrono::nanoseconds(cutter.number<std::int64_t>())};
  return cutter.ok() && cutter.at_end() ? std::optional(since) : std::nullopt;
}

}  // namespace pbxbridge::spool
