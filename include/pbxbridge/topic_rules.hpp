#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

namespace pbxbridge {

class AsciiSet {
 public:
  constexpr AsciiSet() = default;
  constexpr explicit AsciiSet(std::string_view characters) {
    for (const char character : characters) set(character, true);
  }
  /// U+0020 to U+007E.
  static constexpr AsciiSet printable() {
    AsciiSet all;
    for (char character = ' '; character <= '~'; ++character) all.set(character, true);
    return all;
  }
  constexpr AsciiSet without(std::string_view characters) const {
    AsciiSet rest = *this;
    for (const char character : characters) rest.set(character, false);
    return rest;
  }
  /// False for each byte beyond ASCII.
  constexpr bool has(char character) const {
    const auto code = static_cast<unsigned char>(character);
    return code < 128 && (bits_[code / 64] >> code % 64 & 1U) != 0;
  }

 private:
  constexpr void set(char character, bool is_in) {
    const auto code = static_cast<unsigned char>(character);
    const auto bit = std::uint64_t{1} << code % 64;
    bits_[code / 64] = is_in ? bits_[code / 64] | bit : bits_[code / 64] & ~bit;
  }
  std::array<std::uint64_t, 2> bits_{};
};

/// Rules of a sink type's topics. The core checks the operator's texts by them, and by them makes each topic valid that
/// data of an event went into. Plain data, so that an event costs no call. All texts live as long as the process.
struct TopicRules {
  /// ASCII that data may bring into a topic. The rest becomes `_`.
  AsciiSet characters = AsciiSet::printable();
  /// Data may also bring what lies beyond ASCII: well-formed UTF-8 without control characters and noncharacters.
  bool beyond_ascii = true;
  /// Says to the operator why others are not allowed, after `has "X", but`.
  std::string_view characters_reason = "a topic cannot hold it";
  /// Parts a topic into levels; data never adds one. Only the operator writes it. 0: there are no levels.
  char separator = '\0';
  /// A level may be empty where the operator writes it so. Data leaves none empty: it gets `_`.
  bool has_empty_levels = true;
  /// Data never begins a topic with one of these, which brokers keep for themselves; of the operator's it is warned.
  AsciiSet reserved_beginnings;
  /// Texts that are no topic as a whole; made of data, each of their characters becomes `_`.
  std::span<const std::string_view> reserved_topics;
  std::string_view reserved_reason = "is not allowed as a topic";
  /// A topic made of data that is longer is cut and ends in a hash of the whole. At least 32.
  std::size_t longest_bytes = 65'535;
  /// Takes the events whose own topic cannot be made, where the route names no `fallback_topic`. Valid itself.
  std::string_view fallback_topic = "pbx.unroutable";
};

/// Topics that the far side of a sink is set not to take, though the rules of its type allow them.
struct TopicLimits {
  static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
  std::size_t bytes = none;
  std::size_t levels = none;  ///< one more than the topic has separators
  char separator = '/';

  /// Describes what is wrong with the topic as a clause; empty where nothing is.
  std::string problem_of(std::string_view topic) const;
};

}  // namespace pbxbridge
