#pragma once

#include <algorithm>
#include <chrono>
#include <utility>

namespace pbxbridge::intake {

/// Events of one PBX that were lost while its connection stood, and when its snapshots are to be asked for once more
/// because of them. Pure: it is told the time, in seconds and by a clock that does not jump.
class LostEvents {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::seconds quiet_time{2};       ///< without a further loss
  static constexpr std::chrono::minutes wait_min{1};         ///< from one question to the next; doubled each time
  static constexpr std::chrono::hours wait_max{1};           ///< after as long a calm it is the shortest again
  static constexpr std::chrono::seconds snapshots_time{10};  ///< in which they come

  void lost() { is_lost_ = true; }
  /// A message was too large. As a part of a snapshot it would be so again.
  void too_large() { is_too_large_ = true; }
  /// It is subscribed to all, or no longer: snapshots come, or will with the next connection.
  void subscribed() {
    is_subscribed_ = true;
    is_lost_ = is_pending_ = false;
  }

  /// Snapshots are asked for, for another reason.
  void snapshots_asked(Time now) { asked_at_ = now; }

  /// Returns whether a loss is still to be asked about; after `is_due`.
  bool is_pending() const { return is_pending_; }
  /// Returns whether to ask now. From time to time; `has_room`: the spool takes events.
  bool is_due(Time now, bool has_room) {
    if (std::exchange(is_subscribed_, false)) asked_at_ = now;
    if (std::exchange(is_too_large_, false) && now >= asked_at_ + snapshots_time) is_lost_ = true;
    if (std::exchange(is_lost_, false)) {
      lost_at_ = now;
      is_pending_ = true;
    }
    if (!is_pending_ || !has_room || now < lost_at_ + quiet_time || now < not_before_) return false;
    const bool is_calm = now >= not_before_ + wait_max;
    wait_ = std::clamp<std::chrono::seconds>(is_calm ? wait_min : 2 * wait_, wait_min, wait_max);
    not_before_ = now + wait_;
    asked_at_ = now;
    is_pending_ = false;
    return true;
  }

 private:
  // Since the latest look:
  bool is_lost_ = false;
  bool is_too_large_ = false;
  bool is_subscribed_ = false;

  bool is_pending_ = false;  // a loss that no question has followed
  Time lost_at_{};
  Time asked_at_{};
  Time not_before_{};
  std::chrono::seconds wait_{0};
};

}  // namespace pbxbridge::intake
