#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace pbxbridge::spool::salvage {

/// In the order of this machine's bytes, which RocksDB's files and our records have too.
inline std::uint32_t u32_at(std::string_view bytes, std::size_t position) {
  std::uint32_t number = 0;
  std::memcpy(&number, bytes.data() + position, sizeof number);
  return number;
}

/// Seven bits a byte, lowest first, as RocksDB writes numbers. Moves `position` past it. Nothing where it does not
/// end within `bytes`.
inline std::optional<std::uint64_t> take_varint(std::string_view bytes, std::size_t& position) {
  std::uint64_t number = 0;
  for (unsigned shift = 0; shift < 64 && position < bytes.size(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes[position++]);
    number |= std::uint64_t{byte & 0x7fU} << shift;
    if (byte < 0x80) return number;
  }
  return std::nullopt;
}

/// A varint of its bytes, then these.
inline std::optional<std::string_view> take_sized(std::string_view bytes, std::size_t& position) {
  const auto size = take_varint(bytes, position);
  if (!size || *size > bytes.size() - position) return std::nullopt;
  const std::string_view taken = bytes.substr(position, static_cast<std::size_t>(*size));
  position += taken.size();
  return taken;
}

}  // namespace pbxbridge::spool::salvage
