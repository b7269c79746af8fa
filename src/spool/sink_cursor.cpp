#include "spool/sink_cursor.hpp"

#include <algorithm>
#include <utility>

namespace pbxbridge::spool {

void SinkCursor::hand_out(std::size_t max_events, std::vector<EventPtr>& events) {
  while (!fetched.empty() && events.size() < max_events) {
    events.push_back(std::move(fetched.front()));
    fetched.pop_front();
  }
}

void SinkCursor::keep_fetched(std::vector<EventPtr> events) {
  for (EventPtr& event : events)
    if (event->sequence() > read) fetched.push_back(std::move(event));
}

void SinkCursor::leave_out_done(std::vector<EventPtr>& events) const {
  if (events.empty() || events.front()->sequence() > held_back.passed) return;
  std::erase_if(events, [this](const EventPtr& event) { return held_back.is_done(event->sequence()); });
}

void SinkCursor::drop(Sequence up_to) {
  while (!fetched.empty() && fetched.front()->sequence() <= up_to) fetched.pop_front();
  read = std::max(read, up_to);
}

std::vector<Segment> SinkCursor::not_done(const Segment& events, Sequence up_to) const {
  std::vector<Segment> parts;
  Sequence behind = acknowledged;
  for (const auto& [held, destination] : held_back.deliveries) {
    if (held <= behind || held > up_to) continue;
    if (const auto part = within(events, Sequence{held.value - 1}, held)) parts.push_back(*part);
    behind = held;
  }
  if (const auto rest = within(events, std::max(acknowledged, held_back.passed), up_to)) parts.push_back(*rest);
  return parts;
}

std::uint64_t events_not_done(const SegmentIndex& index, Sequence position, const HeldBack& held_back) {
  if (index.empty()) return 0;
  const Sequence gone{index.first().value - 1};
  return index.count(std::max(position, held_back.passed), index.last()) + held_back.behind(std::max(position, gone));
}

std::uint64_t SinkCursor::lost_at_the_end() const {
  std::uint64_t lost = 0;
  for (const UnconfirmedRun& run : unconfirmed.runs())
    for (const Segment& part : not_done(run.events, run.events.last)) lost += part.events();
  return lost;
}

}  // namespace pbxbridge::spool
