#pragma once

#include "text/decoded.hpp"
#include "text/peer_words.hpp"

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace pbxbridge::deliver {

/// Finds what words of a peer repeat of payloads: runs of 8 bytes and more, also where it or the payload has escaped
/// them. Costs one look-up for each byte of a payload.
class RepeatedPayload {
 public:
  /// `words` are some thousand bytes at most.
  explicit RepeatedPayload(std::string_view words);

  void look_in(std::string_view payload);
  /// Hides what was found, shown as `shown`.
  void hide(std::string_view shown, text::HiddenParts& parts) const;

 private:
  static constexpr std::size_t shortest_run = 8;

  /// So many bytes at a place in one of the views.
  struct Run {
    std::uint64_t bytes;
    std::size_t begin;  // in the words as they came
    std::size_t end;
    auto operator<=>(const Run&) const = default;  // NOLINT(modernize-use-nullptr): it compares with 0
  };

  static std::uint64_t bytes_at(std::string_view text, std::size_t position);
  static std::size_t bit_of(std::uint64_t bytes);
  void add(const text::Decoded& view);
  void look_in_text(std::string_view payload);

  std::vector<Run> runs_;  // sorted
  std::bitset<std::size_t{1} << 16> may_be_in_runs_;
  std::vector<bool> found_;  // for the first of the runs of the same bytes
  std::size_t size_;         // of the words
};

}  // namespace pbxbridge::deliver
