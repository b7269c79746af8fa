#include "spool/memory_spool.hpp"

#include "pbxbridge/event.hpp"

#include <algorithm>

namespace pbxbridge::spool {

MemorySpool::MemorySpool(std::uint64_t max_bytes) : id_(SpoolId::random()), max_bytes_(max_bytes) {
  reception_clock_.note();
}

Stats MemorySpool::stats() const {
  Stats stats;
  stats.events = events_.size();
  stats.bytes = bytes_;
  if (!events_.empty()) {
    stats.first = first_;
    reception_clock_.note();
    stats.oldest_age =
        std::chrono::duration_cast<std::chrono::seconds>(reception_clock_.age(events_.front()->received_at()));
  }
  const Sequence next{first_.value + events_.size()};
  if (next > Sequence::first_of(1)) stats.last = Sequence{next.value - 1};
  return stats;
}

std::optional<DropReason> MemorySpool::append(NewEventPtr& cause, Derivation&& derivation) {
  const EventPtr accepted = cause;
  if (cause) take(std::move(cause));
  take(derivation.events, accepted.get());
  make_room();
  return std::nullopt;
}

/// Nothing is committed that could be waited for.
void MemorySpool::expect_derived() {
  auto derivation = derive_();
  take(derivation.events, nullptr);
  make_room();
}

void MemorySpool::take(std::vector<DerivedEvent>& events, const Event* cause) {
  for (DerivedEvent& derived : events) {
    if (derived.cause) derived.event->name_cause(*derived.cause);
    if (!derived.cause && cause) derived.event->name_cause(*cause);
    take(std::move(derived.event));
  }
}

void MemorySpool::make_room() {
  trim();
  drop_until_it_fits();
  if (on_readable_) on_readable_();
}

void MemorySpool::take(NewEventPtr event) {
  event->accept(Sequence{first_.value + events_.size()}, id_);
  bytes_ += event->size_bytes();
  events_.push_back(std::move(event));
  if (on_committed_) on_committed_({&events_.back(), 1});
}

CursorId MemorySpool::open_cursor(const std::string& sink, Start start) {
  if (const auto known = std::ranges::find(cursors_, sink, &Cursor::sink); known != cursors_.end())
    return reopen(static_cast<CursorId>(known - cursors_.begin()));
  const Sequence next = start == Start::earliest ? first_ : Sequence{first_.value + events_.size()};
  auto place = std::ranges::find(cursors_, "", &Cursor::sink);
  if (place == cursors_.end()) place = cursors_.emplace(place);
  *place = {.sink = sink, .next = next, .acknowledged = Sequence{next.value - 1}};
  return static_cast<CursorId>(place - cursors_.begin());
}

CursorId MemorySpool::reopen(CursorId id) {
  Cursor& cursor = cursors_[id];
  cursor.replayed_up_to = Sequence{cursor.next.value - 1};
  const Sequence after = cursor.acknowledged.next();
  cursor.next = std::max(after, first_);
  // Events that had made room were with the one who had read them.
  if (cursor.next > after && on_drop_) on_drop_({id, cursor.next.value - after.value, DropReason::spool_full});
  return id;
}

void MemorySpool::remove_cursor(CursorId cursor) {
  cursors_[cursor].sink.clear();
  trim();
}

void MemorySpool::use_settings(const config::SpoolConfig& settings) {
  max_bytes_ = settings.max_bytes();
  drop_until_it_fits();
}

void MemorySpool::read(CursorId cursor, std::size_t max_events, std::vector<EventPtr>& events) {
  events.clear();
  Sequence& next = cursors_[cursor].next;
  const std::size_t offset = next.value - first_.value;
  const std::size_t count = std::min(max_events, events_.size() - offset);
  const auto begin = events_.begin() + static_cast<std::ptrdiff_t>(offset);
  events.assign(begin, begin + static_cast<std::ptrdiff_t>(count));
  next.value += count;
}

void MemorySpool::acknowledge(CursorId cursor, Sequence position) {
  Sequence& acknowledged = cursors_[cursor].acknowledged;
  acknowledged = std::max(acknowledged, position);
  trim();
}

std::uint64_t MemorySpool::unread(CursorId cursor) const {
  return first_.value + events_.size() - cursors_[cursor].next.value;
}

std::optional<SystemTime> MemorySpool::oldest_unread(CursorId cursor) const {
  const std::uint64_t offset = cursors_[cursor].next.value - first_.value;
  return offset < events_.size() ? std::optional(events_[offset]->received_at()) : std::nullopt;
}

std::uint64_t MemorySpool::lost_at_the_end(CursorId cursor) const {
  return first_.value + events_.size() - 1 - cursors_[cursor].acknowledged.value;
}

void MemorySpool::remove_oldest() {
  bytes_ -= events_.front()->size_bytes();
  events_.pop_front();
  first_ = first_.next();
}

void MemorySpool::drop_until_it_fits() {
  std::vector<std::uint64_t> dropped(cursors_.size(), 0);
  while (bytes_ > max_bytes_ && events_.size() > 1) {
    for (CursorId id = 0; id < cursors_.size(); ++id) {
      Cursor& cursor = cursors_[id];
      if (cursor.sink.empty()) continue;
      // Events that were read are in the sink's own queue and are delivered from there.
      if (cursor.next > first_) continue;
      cursor.next = first_.next();
      ++dropped[id];
    }
    remove_oldest();
  }
  for (CursorId id = 0; id < cursors_.size(); ++id)
    if (dropped[id] > 0 && on_drop_) on_drop_({id, dropped[id], DropReason::spool_full});
}

void MemorySpool::trim() {
  Sequence done{first_.value + events_.size() - 1};
  for (const Cursor& cursor : cursors_)
    if (!cursor.sink.empty()) done = std::min(done, cursor.acknowledged);
  while (!events_.empty() && first_ <= done) remove_oldest();
}

}  // namespace pbxbridge::spool
