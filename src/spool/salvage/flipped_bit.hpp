#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::spool::salvage {

/// `bytes` with the one bit flipped back that makes `crc` their CRC-32C; unchanged where it is the stored checksum that
/// has the flipped bit. Nothing where more is damaged than a bit. A CRC is linear, so that the bit follows from the
/// difference. Of damage that is larger, one in 2^32 for each bit of `bytes` is taken for a flipped bit by mistake.
std::optional<std::string> with_bit_flipped_back(std::string_view bytes, std::uint32_t crc);

/// The same for any other checksum, by trying each bit. Its cost is the square of the size: nothing for more than
/// 8 KiB.
std::optional<std::string> with_bit_flipped_back(std::string_view bytes,
                                                 const std::function<bool(std::string_view)>& holds);

}  // namespace pbxbridge::spool::salvage
