#include "spool/log/retention.hpp"

#include <algorithm>

namespace pbxbridge::spool {

namespace {

constexpr std::chrono::seconds room_interval{3};
constexpr std::chrono::minutes time_to_set_the_clock{5};
/// The space of whole files comes back, so little at a time gives none.
constexpr std::uint64_t least_room = 8 * 1024 * 1024;
constexpr double high_water = 0.9;
constexpr double low_water = 0.8;

}  // namespace

/// Returns nothing while the clock is not to be trusted.
std::optional<SystemTime> Retention::oldest_kept(SystemTime wall_now, Steady now) const {
  // A machine may start with a wrong clock, which is set right within minutes.
  if (now - opened_at_steady_ < std::min<Steady::duration>(time_to_set_the_clock, config_.max_age / 60))
    return std::nullopt;
  // The wall clock may be set forward by days; what came before is not older for that.
  const SystemTime by_steady_clock = opened_at_ + (now - opened_at_steady_);
  return std::min(wall_now, by_steady_clock) - config_.max_age;
}

std::optional<Sequence> Retention::too_old(const SegmentIndex& index, SystemTime wall_now, Steady now) const {
  const auto oldest = oldest_kept(wall_now, now);
  return oldest ? index.cut_for_age(*oldest) : std::nullopt;
}

bool Retention::is_over(SystemTime since, SystemTime wall_now, Steady now) const {
  const auto oldest = oldest_kept(wall_now, now);
  return oldest && since < *oldest;
}

std::optional<Sequence> Retention::too_much(const SegmentIndex& index) const {
  if (config_.full != config::WhenFull::drop_oldest) return std::nullopt;
  return index.cut_for_size(config_.max_bytes());
}

std::optional<Sequence> Retention::room_on_full_disk(const SegmentIndex& index, Steady now) {
  // Dropped events take their time to come back as space.
  if (now < next_room_) return std::nullopt;
  next_room_ = now + room_interval;
  if (config_.full != config::WhenFull::drop_oldest) return std::nullopt;
  const std::uint64_t portion = std::max(least_room, index.bytes() / 16);
  if (index.bytes() <= portion) return std::nullopt;
  return index.cut_for_size(index.bytes() - portion);
}

bool Retention::is_full(const SegmentIndex& index) const {
  return config_.full == config::WhenFull::reject_newest && index.bytes() >= config_.max_bytes();
}

bool Retention::is_soon_full(const SegmentIndex& index) const {
  return config_.full == config::WhenFull::reject_newest &&
         static_cast<double>(index.bytes()) >= high_water * static_cast<double>(config_.max_bytes());
}

bool Retention::is_nearly_full(const SegmentIndex& index) {
  const double part = static_cast<double>(index.bytes()) / static_cast<double>(config_.max_bytes());
  if (part < low_water) nearly_full_logged_ = false;
  if (part < high_water || nearly_full_logged_) return false;
  nearly_full_logged_ = true;
  return true;
}

}  // namespace pbxbridge::spool
