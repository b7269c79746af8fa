#pragma once

#include "pbxbridge/system_time.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace pbxbridge::derive::state {

/// What the connections of one PBX say about rows that nothing is heard of: which of them a snapshot should have named,
/// and which calls may have ended unheard.
class PbxWatch {
 public:
  /// After the last snapshot of a connection so long passes until what no snapshot has named is gone: they come in
  /// parts.
  static constexpr std::chrono::seconds settling_time{10};

  /// An event of this connection has come.
  void heard(std::uint32_t connection_epoch, SystemTime at) {
    if (epoch_ == connection_epoch) return;
    epoch_ = connection_epoch;
    connected_at_ = at;
    extensions_snapshot_at_.reset();
    queues_snapshot_at_.reset();
  }
  void extensions_snapshot(SystemTime at) { extensions_snapshot_at_ = at; }
  void queues_snapshot(SystemTime at) { queues_snapshot_at_ = at; }
  /// All subscriptions have their answers, or no longer.
  void subscribed(bool is_subscribed, SystemTime at) {
    subscribed_at_ = is_subscribed ? std::optional(at) : std::nullopt;
    if (is_subscribed) gap_ended(at);
  }
  /// Events may be missing up to now.
  void gap_ended(SystemTime at) {
    if (gap_ends_.size() >= gaps_max) gap_ends_.pop_back();
    gap_ends_.push_back(at);
  }

  std::uint32_t connection_epoch() const { return epoch_; }
  /// Rows that were seen last before this time are gone. Nothing: that is not known.
  std::optional<SystemTime> extensions_gone_before(SystemTime now) const { return gone(extensions_snapshot_at_, now); }
  std::optional<SystemTime> queues_gone_before(SystemTime now) const { return gone(queues_snapshot_at_, now); }
  void extensions_removed() { extensions_snapshot_at_.reset(); }
  void queues_removed() { queues_snapshot_at_.reset(); }
  /// Calls that were seen last before this time are orphans. Nothing: none are.
  std::optional<SystemTime> orphaned_before(SystemTime now, std::chrono::milliseconds orphan_after) const {
    std::optional<SystemTime> before;
    for (const SystemTime end : gap_ends_)
      if (now >= end + orphan_after) before = end;
    return before;
  }
  void orphans_closed(SystemTime before) {
    std::erase_if(gap_ends_, [before](SystemTime end) { return end <= before; });
  }

 private:
  /// More gaps than that within `orphan_after` are taken together.
  static constexpr std::size_t gaps_max = 32;

  std::optional<SystemTime> gone(std::optional<SystemTime> snapshot_at, SystemTime now) const {
    if (!snapshot_at || !subscribed_at_ || now < std::max(*snapshot_at, *subscribed_at_) + settling_time)
      return std::nullopt;
    return connected_at_;
  }

  std::uint32_t epoch_ = 0;
  SystemTime connected_at_{};
  std::optional<SystemTime> extensions_snapshot_at_;
  std::optional<SystemTime> queues_snapshot_at_;
  std::optional<SystemTime> subscribed_at_;
  std::vector<SystemTime> gap_ends_;  // oldest first
};

}  // namespace pbxbridge::derive::state
