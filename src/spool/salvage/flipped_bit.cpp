#include "spool/salvage/flipped_bit.hpp"

#include "spool/log/crc32c.hpp"

#include <array>
#include <bit>

namespace pbxbridge::spool::salvage {

namespace {

/// The difference that a flipped bit makes to the checksum, for each bit of one byte.
using Differences = std::array<std::uint32_t, 8>;

constexpr std::string_view zero_byte{"\0", 1};

/// Makes the differences of the last byte.
Differences differences_of_last_byte() {
  Differences differences{};
  for (unsigned bit = 0; bit < differences.size(); ++bit) {
    const char flipped = static_cast<char>(1U << bit);
    differences[bit] = crc32c(std::string_view(&flipped, 1)) ^ crc32c(zero_byte);
  }
  return differences;
}

/// Moves them to the byte before. A zero byte more after it; the inversions at both ends cancel out in a difference.
void move_to_byte_before(Differences& differences) {
  for (auto& difference : differences) difference = crc32c(zero_byte, difference) ^ crc32c(zero_byte, 0);
}

}  // namespace

std::optional<std::string> with_bit_flipped_back(std::string_view bytes, std::uint32_t crc) {
  const std::uint32_t wanted = crc32c(bytes) ^ crc;
  if (std::popcount(wanted) <= 1) return std::string(bytes);
  Differences differences = differences_of_last_byte();
  for (std::size_t at = bytes.size(); at-- > 0; move_to_byte_before(differences))
    for (unsigned bit = 0; bit < differences.size(); ++bit) {
      if (differences[bit] != wanted) continue;
      std::string corrected(bytes);
      corrected[at] = static_cast<char>(corrected[at] ^ (1U << bit));
      return corrected;
    }
  return std::nullopt;
}

std::optional<std::string> with_bit_flipped_back(std::string_view bytes,
                                                 const std::function<bool(std::string_view)>& holds) {
  constexpr std::size_t largest = std::size_t{8} * 1024;
  if (bytes.size() > largest) return std::nullopt;
  std::string tried(bytes);
  for (char& byte : tried)
    for (unsigned bit = 0; bit < 8; ++bit) {
      const char kept = byte;
      byte = static_cast<char>(byte ^ (1U << bit));
      if (holds(tried)) return tried;
      byte = kept;
    }
  return std::nullopt;
}

}  // namespace pbxbridge::spool::salvage
