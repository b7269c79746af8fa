#pragma once

#include "pbxbridge/delivery.hpp"
#include "pbxbridge/event.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace pbxbridge::tap {

/// Events that were shown, so that how they end is shown as well; and which were decided upon, so that the others are
/// not looked at twice. Bounded: the oldest that was shown makes room, and is decided upon again. Pure.
class FollowedEvents {
 public:
  explicit FollowedEvents(std::size_t most) : most_(most) {}

  /// Each event from here on is decided upon when it is accepted.
  void decide_from(Sequence sequence) {
    if (!decided_from_) decided_from_ = sequence;
  }
  /// Returns whether nobody has decided upon it: it was accepted before anyone listened.
  bool is_undecided(Sequence sequence) const { return !decided_from_ || sequence < *decided_from_; }

  /// `destinations`: empty where each of them is wanted.
  void follow(Sequence sequence, std::vector<std::uint64_t> destinations) {
    if (!wanted_.try_emplace(sequence.value, std::move(destinations)).second) return;
    order_.push_back(sequence);
    if (order_.size() <= most_) return;
    if (decided_from_ && *decided_from_ <= order_.front()) decided_from_ = order_.front().next();
    wanted_.erase(order_.front().value);
    order_.pop_front();
  }

  /// Returns whether this end of it is wanted; nothing where it is not followed.
  std::optional<bool> wants(Sequence sequence, std::string_view sink, const Delivery& delivery) const {
    const auto found = wanted_.find(sequence.value);
    if (found == wanted_.end()) return std::nullopt;
    if (found->second.empty()) return true;
    return std::ranges::find(found->second, hash(sink, delivery)) != found->second.end();
  }

  static std::uint64_t hash(std::string_view sink, const Delivery& delivery) {
    const std::hash<std::string_view> hash;
    return hash(sink) * 31 * 31 + hash(delivery.topic) * 31 + hash(delivery.key);
  }

 private:
  const std::size_t most_;
  std::optional<Sequence> decided_from_;
  std::unordered_map<std::uint64_t, std::vector<std::uint64_t>> wanted_;  // by sequence
  std::deque<Sequence> order_;
};

}  // namespace pbxbridge::tap
