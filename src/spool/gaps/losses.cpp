#include "spool/gaps/losses.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace pbxbridge::spool {

namespace {

GapReason gap_reason(DropReason reason) {
  switch (reason) {
    case DropReason::expired:
      return GapReason::expired;
    case DropReason::corrupted:
      return GapReason::corrupted;
    default:
      return GapReason::spool_full;
  }
}

void widen(Gap& gap, const Segment& events) {
  gap.begin = std::min(gap.begin, events.oldest);
  gap.end = std::max(gap.end, events.newest);
  gap.after = std::min(gap.after, Sequence{events.first.value - 1});
  gap.before = std::max(gap.before, events.last.next());
}

Gap gap_of(const Segment& events, DropReason reason) {
  return {.reason = gap_reason(reason),
          .pbx = {},
          .begin = events.oldest,
          .end = events.newest,
          .after = Sequence{events.first.value - 1},
          .before = events.last.next()};
}

/// Returns what the sink may still deliver from its own queue; all of it where the sink was removed, and may come back.
std::vector<Segment> told_later(const SinkCursor& cursor, const Segment& lost) {
  if (cursor.removed_since) return {lost};
  std::vector<Segment> runs;
  if (const auto handed_off = within(lost, {}, cursor.read)) runs.push_back(*handed_off);
  if (const auto not_read = within(lost, cursor.read, lost.last))
    for (const Segment& run : cursor.kept_of(*not_read)) runs.push_back(run);
  return runs;
}

}  // namespace

Losses::Losses(std::vector<SinkCursor>& cursors, GapLog& gaps, Keep keep)
    : cursors_(cursors), gaps_(gaps), keep_(std::move(keep)) {}

void Losses::tell(const Drop& drop) const {
  if (on_drop_ && drop.events > 0) on_drop_(drop);
}

void Losses::of_earlier_process(const UnacknowledgedBySink& stored, Sequence removed) {
  std::map<DropReason, Gap> gaps;
  for (CursorId id = 0; id < cursors_.size(); ++id)
    if (const auto found = stored.find(cursors_[id].sink); found != stored.end())
      lose_unacknowledged(id, found->second, removed, gaps);
  record(std::move(gaps));
  for (const SinkCursor& cursor : cursors_)
    if (stored.contains(cursor.sink)) keep_(cursor.sink, {});
}

void Losses::of_ended_sink(CursorId id) {
  SinkCursor& cursor = cursors_[id];
  const Unacknowledged lost = std::exchange(cursor.unacknowledged, {});
  if (lost.runs().empty()) return;
  std::map<DropReason, Gap> gaps;
  lose_unacknowledged(id, lost.runs(), lost.runs().back().events.last, gaps);
  record(std::move(gaps));
  keep_(cursor.sink, {});
}

void Losses::lose_unacknowledged(CursorId id, const UnacknowledgedRuns& runs, Sequence removed,
                                 std::map<DropReason, Gap>& gaps) const {
  std::map<DropReason, std::uint64_t> lost;
  for (const auto& [events, reason] : runs) {
    // The process may have ended before it stored the removal.
    const Sequence gone = reason == DropReason::corrupted ? events.last : removed;
    for (const Segment& part : cursors_[id].not_done(events, gone)) {
      lost[reason] += part.events();
      widen(gaps.try_emplace(reason, gap_of(part, reason)).first->second, part);
    }
  }
  for (const auto& [reason, events] : lost) {
    if (cursors_[id].removed_since)
      cursors_[id].missed[reason] += events;
    else
      tell({id, events, reason});
    gaps[reason].events = std::max(gaps[reason].events, events);
  }
}

void Losses::record(std::map<DropReason, Gap> gaps) {
  gaps.erase(DropReason::corrupted);  // recorded when it was found
  for (auto& [reason, gap] : gaps) gaps_.record(std::move(gap));
}

void Losses::damaged(const Damage& damage, const SegmentIndex& index) {
  std::vector<Segment> lost;
  for (const Segment& events : gaps_.damaged(damage, index))
    if (const auto part = within(events, given_up_, events.last)) lost.push_back(*part);
  lose(lost, DropReason::corrupted);
}

void Losses::removed(const std::vector<Segment>& missing, const SegmentIndex& before, const SegmentIndex& held,
                     const std::vector<EventPtr>& newest, const std::string& reason) {
  Sequence done = before.last();
  for (SinkCursor& cursor : cursors_) {
    if (!cursor.is_open()) continue;
    cursor.keep(missing, held, newest);
    done = std::min(done, cursor.acknowledged);
  }
  for (const Segment& run : missing)
    if (const auto wanted = within(run, done, run.last))
      damaged({Sequence{wanted->first.value - 1}, wanted->last.next(), reason}, before);
  for (SinkCursor& cursor : cursors_) cursor.read_over(missing, held);
}

void Losses::tell_missed(CursorId id) {
  for (const auto& [reason, events] : std::exchange(cursors_[id].missed, {})) tell({id, events, reason});
}

void Losses::given_up(const std::vector<Segment>& segments, DropReason reason) {
  std::vector<Segment> sound;
  for (const Segment& segment : segments)
    for (const Segment& part : gaps_.undamaged(segment)) sound.push_back(part);
  const std::uint64_t most = lose(sound, reason);
  given_up_ = segments.back().last;
  for (SinkCursor& cursor : cursors_) cursor.drop(given_up_);
  if (most == 0) return;
  Gap gap = gap_of(segments.front(), reason);
  widen(gap, segments.back());
  gap.events = most;
  gaps_.extend(std::move(gap));
}

/// The most that one sink had not read.
std::uint64_t Losses::lose(const std::vector<Segment>& events, DropReason reason) {
  std::uint64_t most = 0;
  for (CursorId id = 0; id < cursors_.size(); ++id) {
    SinkCursor& cursor = cursors_[id];
    if (cursor.is_free) continue;
    std::uint64_t unread = 0;
    bool stored = false;
    for (const Segment& segment : events)
      for (const Segment& part : cursor.not_done(segment, segment.last)) {
        unread += part.events();
        for (const Segment& run : told_later(cursor, part)) {
          unread -= run.events();
          cursor.unacknowledged.add(run, reason);
          stored = true;
        }
      }
    if (stored) keep_(cursor.sink, cursor.unacknowledged.runs());
    tell({id, unread, reason});
    most = std::max(most, unread);
  }
  return most;
}

}  // namespace pbxbridge::spool
