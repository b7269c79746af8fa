#include "spool/log/segment_index.hpp"

#include "pbxbridge/event.hpp"

#include <algorithm>
#include <utility>

namespace pbxbridge::spool {

namespace {

/// The clock may have been set back in between.
void widen(Segment& times, const Segment& segment) {
  times.oldest = std::min(times.oldest, segment.oldest);
  times.newest = std::max(times.newest, segment.newest);
}

void append(std::vector<Segment>& runs, const Segment& segment) {
  if (!add_to_runs(runs, segment)) return;
  runs.back().bytes += segment.bytes;
  widen(runs.back(), segment);
}

}  // namespace

bool add_to_runs(std::vector<Segment>& runs, const Segment& batch) {
  if (runs.empty() || runs.back().last.next() != batch.first) {
    runs.push_back(batch);
    return false;
  }
  runs.back().last = batch.last;
  return true;
}

bool is_in_runs(const std::vector<Segment>& runs, Sequence event) {
  const auto run = std::ranges::lower_bound(runs, event, {}, &Segment::last);
  return run != runs.end() && run->first <= event;
}

Segment segment_of(const std::vector<EventPtr>& batch, std::uint64_t bytes) {
  const auto [oldest, newest] = std::minmax({batch.front()->received_at(), batch.back()->received_at()});
  return {batch.front()->sequence(), batch.back()->sequence(), bytes, oldest, newest};
}

std::optional<Segment> within(Segment segment, Sequence after, Sequence up_to) {
  segment.first = std::max(segment.first, after.next());
  segment.last = std::min(segment.last, up_to);
  if (segment.last < segment.first) return std::nullopt;
  return segment;
}

std::optional<Segment> SegmentIndex::add(const Segment& batch) {
  std::optional<Segment> closed;
  if (last_is_open_) {
    Segment& open = segments_.back();
    if (open.last.next() == batch.first && open.bytes < segment_bytes && batch.newest - open.oldest < segment_time) {
      open.last = batch.last;
      open.bytes += batch.bytes;
      widen(open, batch);
      bytes_ += batch.bytes;
      events_ += batch.events();
      last_ = batch.last;
      return closed;
    }
    closed = open;
  }
  restore(batch);
  last_is_open_ = true;
  return closed;
}

void SegmentIndex::restore(const Segment& segment) {
  segments_.push_back(segment);
  bytes_ += segment.bytes;
  events_ += segment.events();
  last_ = segment.last;
  last_is_open_ = false;
}

Sequence SegmentIndex::first() const { return segments_.empty() ? Sequence{} : segments_.front().first; }

std::uint64_t SegmentIndex::count(Sequence after, Sequence up_to) const {
  if (!segments_.empty() && after < segments_.front().first && up_to >= last_) return events_;
  std::uint64_t events = 0;
  // Begins with the newest: those who ask are mostly near the end.
  for (auto segment = segments_.rbegin(); segment != segments_.rend() && segment->last > after; ++segment) {
    const Sequence first = std::max(segment->first, after.next());
    const Sequence last = std::min(segment->last, up_to);
    if (first <= last) events += last.value - first.value + 1;
  }
  return events;
}

std::vector<Segment> SegmentIndex::between(Sequence after, Sequence up_to) const {
  std::vector<Segment> found;
  for (const Segment& segment : segments_)
    if (const auto part = within(segment, after, up_to)) found.push_back(*part);
  return found;
}

std::optional<SystemTime> SegmentIndex::oldest(Sequence after) const {
  const auto is_passed = [after](const Segment& segment) { return segment.last <= after; };
  const auto found = std::partition_point(segments_.begin(), segments_.end(), is_passed);
  if (found == segments_.end()) return std::nullopt;
  return found->oldest;
}

std::optional<SystemTime> SegmentIndex::newest(Sequence position) const {
  const auto begins = [position](const Segment& segment) { return segment.first <= position; };
  const auto found = std::partition_point(segments_.begin(), segments_.end(), begins);
  if (found == segments_.begin()) return std::nullopt;
  return std::prev(found)->newest;
}

std::optional<Sequence> SegmentIndex::done_with(Sequence position) const {
  const auto done = [position](const Segment& segment) { return segment.last <= position; };
  const auto found = std::partition_point(segments_.begin(), segments_.end(), done);
  if (found == segments_.begin()) return std::nullopt;
  return std::prev(found)->last;
}

std::optional<Sequence> SegmentIndex::cut_for_size(std::uint64_t bytes) const {
  std::optional<Sequence> cut;
  std::uint64_t held = bytes_;
  for (const Segment& segment : segments_) {
    if (held <= bytes) break;
    held -= segment.bytes;
    cut = segment.last;
  }
  return cut;
}

std::optional<Sequence> SegmentIndex::cut_for_age(SystemTime time) const {
  std::optional<Sequence> cut;
  for (const Segment& segment : segments_) {
    if (segment.newest >= time) break;
    cut = segment.last;
  }
  return cut;
}

std::vector<Segment> SegmentIndex::remove_up_to(Sequence position) {
  std::vector<Segment> removed;
  while (!segments_.empty() && segments_.front().last <= position) {
    bytes_ -= segments_.front().bytes;
    events_ -= segments_.front().events();
    removed.push_back(segments_.front());
    segments_.pop_front();
  }
  if (segments_.empty()) last_is_open_ = false;
  return removed;
}

std::vector<Segment> SegmentIndex::keep_only(const SegmentIndex& held) {
  SegmentIndex kept;
  std::vector<Segment> missing;
  for (const Segment& segment : segments_) {
    Sequence after{segment.first.value - 1};
    for (Segment part : held.between(after, segment.last)) {
      if (const auto gone = within(segment, after, Sequence{part.first.value - 1})) append(missing, *gone);
      part.bytes = segment.bytes / segment.events() * part.events();
      part.oldest = segment.oldest;
      part.newest = segment.newest;
      kept.restore(part);
      after = part.last;
    }
    if (const auto gone = within(segment, after, segment.last)) append(missing, *gone);
  }
  if (missing.empty()) return missing;
  kept.last_ = last_;
  *this = std::move(kept);
  return missing;
}

}  // namespace pbxbridge::spool
