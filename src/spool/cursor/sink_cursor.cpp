#include "spool/cursor/sink_cursor.hpp"

#include "pbxbridge/event.hpp"

#include <algorithm>
#include <utility>

namespace pbxbridge::spool {

namespace {

void move_oldest(std::deque<EventPtr>& from, std::size_t max_events, std::vector<EventPtr>& events) {
  while (!from.empty() && events.size() < max_events) {
    events.push_back(std::move(from.front()));
    from.pop_front();
  }
}

}  // namespace

void SinkCursor::begin_again(Sequence gone) {
  ++reader;
  replayed_up_to = std::max(replayed_up_to, read);
  acknowledged = deferred.done_from(acknowledged);
  read = std::max(acknowledged, gone);
  fetched.clear();
  kept.clear();
  disk_fails_since.reset();
}

void SinkCursor::hand_off(std::size_t max_events, std::vector<EventPtr>& events) {
  move_oldest(kept, max_events, events);
  move_oldest(fetched, max_events, events);
}

void SinkCursor::keep(const std::vector<Segment>& missing, const SegmentIndex& held,
                      const std::vector<EventPtr>& newest) {
  Sequence after = read;
  const auto take = [&](const EventPtr& event) {
    const Sequence sequence = event->sequence();
    if (sequence <= after) return true;
    const bool comes_next = sequence == after.next() || held.count(after, Sequence{sequence.value - 1}) == 0;
    if (!comes_next || !is_in_runs(missing, sequence)) return false;
    kept.push_back(event);
    after = sequence;
    return true;
  };
  if (std::ranges::all_of(fetched, take)) static_cast<void>(std::ranges::all_of(newest, take));
  fetched.clear();
}

void SinkCursor::read_over(const std::vector<Segment>& missing, const SegmentIndex& held) {
  if (!kept.empty()) read = std::max(read, kept.back()->sequence());
  for (const Segment& run : missing)
    if (run.last > read && held.count(read, run.last) == 0) read = run.last;
}

std::vector<Segment> SinkCursor::kept_of(const Segment& events) const {
  std::vector<Segment> runs;
  const auto sequence_of = [](const EventPtr& event) { return event->sequence(); };
  for (auto next = std::ranges::lower_bound(kept, events.first, {}, sequence_of);
       next != kept.end() && (*next)->sequence() <= events.last; ++next) {
    if (runs.empty() || runs.back().last.next() != (*next)->sequence())
      runs.push_back({.first = (*next)->sequence(), .oldest = events.oldest, .newest = events.newest});
    runs.back().last = (*next)->sequence();
  }
  return runs;
}

void SinkCursor::keep_fetched(std::vector<EventPtr> events) {
  for (EventPtr& event : events)
    if (event->sequence() > read) fetched.push_back(std::move(event));
}

void SinkCursor::leave_out_done(std::vector<EventPtr>& events) const {
  if (events.empty() || events.front()->sequence() > deferred.passed) return;
  std::erase_if(events, [this](const EventPtr& event) { return deferred.is_done(event->sequence()); });
}

void SinkCursor::drop(Sequence up_to) {
  while (!fetched.empty() && fetched.front()->sequence() <= up_to) fetched.pop_front();
  read = std::max(read, up_to);
}

std::vector<Segment> SinkCursor::not_done(const Segment& events, Sequence up_to) const {
  std::vector<Segment> parts;
  Sequence after = acknowledged;
  for (const auto& [held, destination] : deferred.deliveries) {
    if (held <= after || held > up_to) continue;
    if (const auto part = within(events, Sequence{held.value - 1}, held)) parts.push_back(*part);
    after = held;
  }
  if (const auto rest = within(events, std::max(acknowledged, deferred.passed), up_to)) parts.push_back(*rest);
  return parts;
}

std::uint64_t events_not_done(const SegmentIndex& index, Sequence position, const DeferredDeliveries& deferred) {
  if (index.empty()) return 0;
  const Sequence gone{index.first().value - 1};
  return index.count(std::max(position, deferred.passed), index.last()) + deferred.after(std::max(position, gone));
}

std::uint64_t SinkCursor::lost_at_the_end() const {
  std::uint64_t lost = 0;
  for (const UnacknowledgedRun& run : unacknowledged.runs())
    for (const Segment& part : not_done(run.events, run.events.last)) lost += part.events();
  return lost;
}

}  // namespace pbxbridge::spool
