// Sinks that come and go: their cursors in a spool on disk.

#include "pbxbridge/event.hpp"
#include "spool/disk_spool.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace pbxbridge::spool {

namespace {

namespace log_code = observe::log_code;

}  // namespace

CursorId DiskSpool::open_cursor(const std::string& sink, Start start) {
  if (const auto known = std::ranges::find(cursors_, sink, &SinkCursor::sink); known != cursors_.end()) {
    const auto id = static_cast<CursorId>(known - cursors_.begin());
    reopen_cursor(id);
    return id;
  }
  const CursorId id = add_cursor(sink);
  SinkCursor& cursor = cursors_[id];
  cursor.replayed_up_to = std::max(replayed_up_to_, index_.last());
  if (const auto stored = stored_cursors_.find(sink); stored != stored_cursors_.end())
    cursor.acknowledged = stored->second;
  else if (start == Start::latest && (started_ || (stored_damages_.empty() && stored_salvage_.empty())))
    // Otherwise the cursor may be lost rather than new.
    cursor.acknowledged = cursor.replayed_up_to;
  cursor.acknowledged = cursor.deferred.done_from(cursor.acknowledged);
  cursor.read = cursor.acknowledged;
  stored_cursors_.erase(sink);
  if (stored_removed_.erase(sink) > 0) commits_.mark_removed(sink, std::nullopt);
  commits_.acknowledge(sink, cursor.acknowledged);
  return id;
}

CursorId DiskSpool::add_cursor(const std::string& sink) {
  auto place = std::ranges::find(cursors_, true, &SinkCursor::is_free);
  if (place == cursors_.end()) place = cursors_.emplace(place);
  place->sink = sink;
  place->is_free = false;
  place->deferred = std::exchange(stored_deferred_[sink], {});
  return static_cast<CursorId>(place - cursors_.begin());
}

Sequence DiskSpool::gone() const { return index_.empty() ? index_.last() : Sequence{index_.first().value - 1}; }

void DiskSpool::reopen_cursor(CursorId id) {
  SinkCursor& cursor = cursors_[id];
  losses_.of_ended_sink(id);
  cursor.begin_again(gone());
  commits_.acknowledge(cursor.sink, cursor.acknowledged);
  if (!std::exchange(cursor.removed_since, std::nullopt)) return;
  commits_.mark_removed(cursor.sink, std::nullopt);
  post([this, id] { losses_.tell_missed(id); });
}

void DiskSpool::remove_cursor(CursorId id) {
  SinkCursor& cursor = cursors_[id];
  losses_.of_ended_sink(id);
  cursor.begin_again(gone());
  cursor.removed_since = std::chrono::system_clock::now();
  commits_.mark_removed(cursor.sink, cursor.removed_since);
  trim_memory();
  log_removed(cursor);
}

/// Keeps the cursors of sinks that are not in the configuration any more, since this start or an earlier one.
void DiskSpool::keep_removed_sinks() {
  for (const auto& [sink, position] : std::exchange(stored_cursors_, {})) {
    SinkCursor& cursor = cursors_[add_cursor(sink)];
    cursor.replayed_up_to = replayed_up_to_;
    cursor.acknowledged = position;
    cursor.begin_again(gone());
    if (const auto lost = stored_unacknowledged_.find(sink); lost != stored_unacknowledged_.end())
      for (const UnacknowledgedRun& run : lost->second) cursor.unacknowledged.add(run.events, run.reason);
    const auto known = stored_removed_.find(sink);
    cursor.removed_since = known != stored_removed_.end() ? known->second : std::chrono::system_clock::now();
    commits_.mark_removed(sink, cursor.removed_since);
    log_removed(cursor);
  }
}

void DiskSpool::log_removed(const SinkCursor& cursor) {
  log_.write(
      log_code::spool_cursor_orphaned, "",
      fmt::format("sink {0} is not in the configuration any more; its cursor, and the events after it, are kept for "
                  "spool.max_age, unless pbxbridge spool forget {0} drops it",
                  cursor.sink),
      {{"events_not_delivered", std::to_string(events_not_done(index_, cursor.acknowledged, cursor.deferred))}});
}

std::optional<std::uint64_t> DiskSpool::forget_sink(const std::string& sink) {
  const auto known = std::ranges::find(cursors_, sink, &SinkCursor::sink);
  if (known == cursors_.end() || !known->removed_since) return std::nullopt;
  const std::uint64_t events = events_not_done(index_, known->acknowledged, known->deferred);
  forget_cursor(static_cast<CursorId>(known - cursors_.begin()));
  remove_done();
  return events;
}

void DiskSpool::forget_cursor(CursorId id) {
  SinkCursor& cursor = cursors_[id];
  commits_.forget_sink(cursor.sink);
  // A chunk that is being fetched will find its place free, or with another reader.
  cursor = {.fetching = cursor.fetching, .reader = cursor.reader + 1, .is_free = true};
}

void DiskSpool::forget_expired_sinks() {
  for (CursorId id = 0; id < cursors_.size(); ++id) {
    const SinkCursor& cursor = cursors_[id];
    if (!cursor.removed_since ||
        !retention_.is_over(*cursor.removed_since, std::chrono::system_clock::now(), std::chrono::steady_clock::now()))
      continue;
    log_.write(log_code::spool_cursor_expired, "",
               fmt::format("sink {} was taken out of the configuration longer than spool.max_age ago; its cursor is "
                           "dropped",
                           cursor.sink));
    forget_cursor(id);
  }
}

/// Removed sinks never keep a configured one from its events.
void DiskSpool::make_room_of_removed_sinks() {
  if (const auto done = index_.done_with(lowest_acknowledged(false))) drop_up_to(*done, DropReason::spool_full);
}

}  // namespace pbxbridge::spool
