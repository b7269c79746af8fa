#include "spool/salvage/missing_events.hpp"

#include <algorithm>

namespace pbxbridge::spool::salvage {

namespace {

/// Sequence before the first event of a start.
Sequence before_start(std::uint32_t epoch) { return Sequence{Sequence::first_of(epoch).value - 1}; }

}  // namespace

void MissingEvents::add(const Segment& run) {
  if (!position_) position_ = Sequence{run.first.value - 1};
  if (run.first > position_->next()) tell_between(*position_, run.first, run.oldest);
  if (run.last > *position_) position_ = run.last;
  newest_time_ = run.newest;
}

void MissingEvents::end(Sequence newest) {
  if (newest <= position()) return;
  tell_between(position(), newest.next(), {});
  position_ = newest;
}

/// Counts by the start, as far as its end is known: within one, the number of events is known.
void MissingEvents::tell_between(Sequence after, Sequence before, SystemTime end) {
  after = std::max(after, before_start(1));
  while (after.start_epoch() < before.start_epoch()) {
    const auto end_of_this = end_of_start(after);
    if (!end_of_this) break;
    tell(after, end_of_this->next(), end);
    after = before_start(next_start(after.start_epoch(), before.start_epoch()));
  }
  tell(after, before, end);
}

void MissingEvents::tell(Sequence after, Sequence before, SystemTime end) {
  if (before > after.next()) damages_.push_back({after, before, "events are missing", newest_time_, end});
}

/// End of the start of `position`, not before it.
std::optional<Sequence> MissingEvents::end_of_start(Sequence position) const {
  if (const auto end = known_.end_of(position.start_epoch())) return std::max(*end, position);
  const auto after = ends_.lower_bound(before_start(position.start_epoch() + 1));
  if (after == ends_.begin() || *std::prev(after) < position) return std::nullopt;
  return *std::prev(after);
}

/// The next one that is known of.
std::uint32_t MissingEvents::next_start(std::uint32_t epoch, std::uint32_t up_to) const {
  std::uint32_t next = up_to;
  const auto start = std::ranges::upper_bound(known_.starts, epoch, {}, &StartOfSpool::epoch);
  if (start != known_.starts.end()) next = std::min(next, start->epoch);
  const auto end = ends_.lower_bound(before_start(epoch + 1));
  if (end != ends_.end()) next = std::min(next, end->start_epoch());
  return next;
}

}  // namespace pbxbridge::spool::salvage
