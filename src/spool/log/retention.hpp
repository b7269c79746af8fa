#pragma once

#include "config/spool_config.hpp"
#include "pbxbridge/event_id.hpp"
#include "pbxbridge/system_time.hpp"
#include "spool/log/segment_index.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace pbxbridge::spool {

/// Decides what to drop by the bounds of the configuration, oldest first. Decides and does nothing; the time is passed
/// in.
class Retention {
 public:
  using Steady = std::chrono::steady_clock::time_point;

  Retention(const config::SpoolConfig& config, SystemTime wall_now, Steady now)
      : config_(config), opened_at_(wall_now), opened_at_steady_(now) {}

  // Up to where.
  std::optional<Sequence> too_old(const SegmentIndex& index, SystemTime wall_now, Steady now) const;
  std::optional<Sequence> too_much(const SegmentIndex& index) const;
  /// Returns up to where to remove while the disk is full: a sixteenth, every three seconds.
  std::optional<Sequence> room_on_full_disk(const SegmentIndex& index, Steady now);

  /// Returns whether that was longer than `max_age` ago.
  bool is_over(SystemTime since, SystemTime wall_now, Steady now) const;
  /// Returns whether nothing more is accepted.
  bool is_full(const SegmentIndex& index) const;
  /// Returns whether nothing more will be accepted unless some of it goes.
  bool is_soon_full(const SegmentIndex& index) const;
  /// True when nine tenths are reached, and again only after it was well below that.
  bool is_nearly_full(const SegmentIndex& index);

 private:
  std::optional<SystemTime> oldest_kept(SystemTime wall_now, Steady now) const;

  const config::SpoolConfig& config_;
  const SystemTime opened_at_;
  const Steady opened_at_steady_;
  Steady next_room_{};
  bool nearly_full_logged_ = false;
};

}  // namespace pbxbridge::spool
