#pragma once

// The two parts of an event's id.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge {

/// Position of an event in the spool: strictly increasing, never used twice. The upper 24 bits count the openings of
/// the spool for writing, several in a process whose store was opened again, and the lower 40 bits the events since, so
/// that a lost tail can never lead to a number given again.
struct Sequence {
  std::uint64_t value = 0;  ///< 0 stands before every event

  static constexpr unsigned counter_bits = 40;
  static constexpr Sequence first_of(std::uint32_t start_epoch) {
    return Sequence{(std::uint64_t{start_epoch} << counter_bits) + 1};
  }
  std::uint32_t start_epoch() const { return static_cast<std::uint32_t>(value >> counter_bits); }
  Sequence next() const { return Sequence{value + 1}; }
  auto operator<=>(const Sequence&) const = default;  // NOLINT(modernize-use-nullptr): clang-tidy 14 is wrong here
};

/// Random name of a spool, made with it.
struct SpoolId {
  std::uint64_t value = 0;  ///< 0: none

  static SpoolId random();   ///< from the operating system's random numbers
  std::string text() const;  ///< 16 lower-case hexadecimal digits
  /// Returns nothing where it is not such a text.
  static std::optional<SpoolId> from_text(std::string_view text);
  bool operator==(const SpoolId&) const = default;
};

}  // namespace pbxbridge
