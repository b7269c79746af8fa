#include "spool/disk_spool.hpp"

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace pbxbridge::spool {

namespace {

namespace log_code = observe::log_code;

constexpr std::uint64_t memory_bytes = 8 * 1024 * 1024;
constexpr std::size_t fetch_bytes = 1024 * 1024;
constexpr std::size_t redrive_batch = 64;
constexpr std::chrono::seconds tick_interval{1};
constexpr std::chrono::seconds room_interval{3};
constexpr double high_water = 0.9;
constexpr double low_water = 0.8;  // the warning comes again only after the spool was below it
constexpr std::uint64_t mebibyte = 1024 * 1024;

std::uint64_t ballast_bytes(std::uint64_t max_bytes) { return std::min(64 * mebibyte, max_bytes / 8); }

SystemTime now() { return std::chrono::system_clock::now(); }

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

}  // namespace

Result<std::unique_ptr<DiskSpool>> DiskSpool::open(boost::asio::io_context& io, const config::SpoolConfig& config,
                                                   observe::Log& log, observe::SpoolMetrics& metrics) {
  auto lock = SpoolLock::take(config.path);
  if (!lock) return lock.error();
  auto store = BatchStore::open(config.path, BatchStore::Access::write);
  if (!store) return store.error();
  return std::unique_ptr<DiskSpool>(
      new DiskSpool(io, config, log, metrics, std::move(lock.value()), std::move(store.value())));
}

DiskSpool::DiskSpool(boost::asio::io_context& io, const config::SpoolConfig& config, observe::Log& log,
                     observe::SpoolMetrics& metrics, SpoolLock lock, std::unique_ptr<BatchStore> store)
    : io_(io),
      config_(config),
      log_(log),
      metrics_(metrics),
      lock_(std::move(lock)),
      id_(store->id()),
      stored_cursors_(store->cursors()),
      index_(store->segments()),
      replayed_up_to_(store->last()),
      tick_timer_(io),
      flush_timer_(io) {
  for (const auto& [number, gap] : store->gaps()) gap_number_ = std::max(gap_number_, number + 1);
  const auto damages = store->damages();
  damaged_ = !damages.empty();
  slot_.store = std::move(store);
  reader_ = std::make_unique<DiskReader>(slot_);
  commits_ =
      std::make_unique<CommitThread>(CommitThread::Settings{.directory = config.path,
                                                            .sync = config.sync,
                                                            .sync_interval = config.sync_interval,
                                                            .queue_bytes = config.queue_size.bytes,
                                                            .dead_letter_bytes = config.dead_letters_max_size.bytes,
                                                            .ballast_bytes = ballast_bytes(config.max_bytes())},
                                     slot_, static_cast<CommitListener&>(*this));
  log_.write(log_code::spool_opened, "", fmt::format("the spool in {} is open", config.path.string()),
             {{"events", std::to_string(index_.events())}, {"bytes", std::to_string(index_.bytes())}, {"id", *id_}});
  for (const Damage& damage : damages) tell_damage(damage);
  metrics_.writable->Set(1);
}

DiskSpool::~DiskSpool() {
  if (refused_) record_refused();
  *alive_ = false;
}

Stats DiskSpool::stats() const {
  Stats stats;
  stats.events = index_.events();
  stats.bytes = index_.bytes();
  stats.first = index_.first();
  stats.last = index_.last();
  if (const auto oldest = index_.oldest(lowest_acknowledged()))
    stats.oldest_age = std::chrono::duration_cast<std::chrono::seconds>(std::max(now(), *oldest) - *oldest);
  return stats;
}

std::optional<DropReason> DiskSpool::append(std::unique_ptr<Event>& event) {
  if (config_.full == config::WhenFull::reject_newest && index_.bytes() >= config_.max_bytes()) {
    note_refused(*event, GapReason::spool_full);
    return DropReason::spool_full;
  }
  if (!commits_->append(event)) {
    note_refused(*event, GapReason::overload);
    return DropReason::overload;
  }
  if (refused_) record_refused();
  return std::nullopt;
}

bool DiskSpool::has_room() const { return commits_->has_room(); }

/// One gap for a whole stretch of refusals, recorded when the first event is taken again.
void DiskSpool::note_refused(const Event& event, GapReason reason) {
  if (refused_ && refused_->reason != reason) record_refused();
  if (!refused_)
    refused_ =
        Gap{.reason = reason, .pbx = std::string(event.pbx()), .begin = event.received_at(), .after = index_.last()};
  if (refused_->pbx != event.pbx()) refused_->pbx.clear();
  refused_->end = event.received_at();
  ++refused_->events;
}

void DiskSpool::record_refused() { record_gap(*std::exchange(refused_, std::nullopt)); }

CursorId DiskSpool::open_cursor(const std::string& sink, Start start) {
  Cursor cursor;
  cursor.sink = sink;
  if (const auto stored = stored_cursors_.find(sink); stored != stored_cursors_.end())
    cursor.acknowledged = stored->second;
  else if (start == Start::latest && !damaged_)  // otherwise it may be the sink's position that is lost
    cursor.acknowledged = replayed_up_to_;
  cursor.read = cursor.acknowledged;
  stored_cursors_.erase(sink);
  commits_->acknowledge(sink, cursor.acknowledged);
  cursors_.push_back(std::move(cursor));
  return cursors_.size() - 1;
}

void DiskSpool::start() {
  for (const auto& [sink, position] : stored_cursors_)
    log_.write(log_code::spool_cursor_forgotten, "",
               fmt::format("sink {} is not in the configuration any more; its position no longer keeps events", sink),
               {{"events_not_delivered", std::to_string(index_.count(position, index_.last()))}});
  // Not before: what no cursor holds is removed.
  tick();
}

void DiskSpool::read(CursorId id, std::size_t max_events, std::vector<EventPtr>& events) {
  events.clear();
  Cursor& cursor = cursors_[id];
  while (!cursor.fetched.empty() && events.size() < max_events) {
    events.push_back(std::move(cursor.fetched.front()));
    cursor.fetched.pop_front();
  }
  if (events.empty() && !newest_.empty() && cursor.read.next() >= newest_.front()->sequence()) {
    const auto begin = std::upper_bound(newest_.begin(), newest_.end(), cursor.read,
                                        [](Sequence read, const EventPtr& event) { return read < event->sequence(); });
    const auto count = std::min<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(max_events), newest_.end() - begin);
    events.assign(begin, begin + count);
  }
  if (!events.empty()) {
    cursor.read = events.back()->sequence();
    trim_memory();
  } else if (cursor.read < index_.last()) {
    fetch(id);
  }
}

void DiskSpool::fetch(CursorId id) {
  Cursor& cursor = cursors_[id];
  if (std::exchange(cursor.fetching, true)) return;
  reader_->fetch(cursor.read, fetch_bytes, [this, id, from = cursor.read](Result<BatchStore::Chunk> chunk) {
    post([this, id, from, chunk = std::move(chunk)]() mutable { take_fetched(id, from, std::move(chunk)); });
  });
}

void DiskSpool::take_fetched(CursorId id, Sequence from, Result<BatchStore::Chunk> chunk) {
  Cursor& cursor = cursors_[id];
  cursor.fetching = false;
  if (!chunk) {
    // The store is being opened anew, or lacks something that may come back: `tick` wakes the reader again.
    log_.write(log_code::spool_read_failed, "sink " + cursor.sink,
               chunk.error().text + "; events of this sink wait in the spool, reading is tried again");
    return;
  }
  for (const Damage& damage : chunk->damages) {
    if (damage.after < cursor.read && damage.before <= cursor.read) continue;
    const Sequence end = damage.before.value != 0 ? damage.before : chunk->at_end ? index_.last().next() : damage.after;
    const std::uint64_t events = end > damage.after ? index_.count(damage.after, Sequence{end.value - 1}) : 0;
    tell_damage(damage);
    if (dropped_ && events > 0) dropped_({id, events, DropReason::corrupted});
  }
  for (EventPtr& event : chunk->events)
    if (event->sequence() > cursor.read) cursor.fetched.push_back(std::move(event));
  // Nothing behind could be read: go on with what memory holds.
  if (cursor.fetched.empty() && chunk->at_end && cursor.read == from)
    cursor.read =
        std::max(cursor.read, newest_.empty() ? index_.last() : Sequence{newest_.front()->sequence().value - 1});
  if (readable_) readable_();
}

void DiskSpool::acknowledge(CursorId id, Sequence position) {
  Cursor& cursor = cursors_[id];
  if (position <= cursor.acknowledged) return;
  cursor.acknowledged = position;
  commits_->acknowledge(cursor.sink, position);
  remove_done();
}

Sequence DiskSpool::lowest_acknowledged() const {
  Sequence lowest = index_.last();
  for (const Cursor& cursor : cursors_) lowest = std::min(lowest, cursor.acknowledged);
  return lowest;
}

void DiskSpool::remove_done() {
  if (const auto done = index_.done_with(lowest_acknowledged())) commits_->remove(index_.remove_up_to(*done));
}

std::uint64_t DiskSpool::unread(CursorId id) const { return index_.count(cursors_[id].read, index_.last()); }

void DiskSpool::bury(CursorId id, DeadLetter letter) { commits_->bury(cursors_[id].sink, std::move(letter)); }

void DiskSpool::forget(CursorId id, const DeadLetter& letter) { commits_->forget(cursors_[id].sink, letter); }

std::vector<DeadLetter> DiskSpool::take_redriven(CursorId id) {
  Cursor& cursor = cursors_[id];
  if (!cursor.redrive_wanted) return {};
  const std::shared_lock lock(slot_.mutex, std::try_to_lock);
  if (!lock || !slot_.store) return {};
  auto letters = slot_.store->marked_for_redrive(cursor.sink, cursor.redrive_after, redrive_batch);
  if (letters.empty())
    cursor.redrive_wanted = false;
  else
    cursor.redrive_after = dead_letter_key(letters.back());
  return letters;
}

std::map<std::string, DeadLetterCount> DiskSpool::dead_letter_counts() {
  const std::shared_lock lock(slot_.mutex, std::try_to_lock);
  if (!lock || !slot_.store) return {};
  return slot_.store->dead_letter_counts();
}

void DiskSpool::record_gap(Gap gap) {
  const auto reason = static_cast<std::size_t>(gap.reason);
  metrics_.gaps[reason]->Increment();
  metrics_.gap_seconds[reason]->Increment(std::max(0.0, std::chrono::duration<double>(gap.end - gap.begin).count()));
  log_.write(log_code::spool_gap, gap.pbx.empty() ? "" : "pbx " + gap.pbx,
             fmt::format("events are missing: {}", to_string(gap.reason)),
             {{"events", gap.events == 0 ? "not known" : std::to_string(gap.events)},
              {"seconds", fmt::format("{:.1f}", std::chrono::duration<double>(gap.end - gap.begin).count())}});
  commits_->record(gap_number_++, std::move(gap));
}

/// Called for each segment that goes: what follows the last gap for the same reason makes it longer.
void DiskSpool::extend_gap(Gap gap) {
  if (last_gap_ && last_gap_->reason == gap.reason && last_gap_->before == gap.after.next() && gap_number_ > 0) {
    const auto reason = static_cast<std::size_t>(gap.reason);
    metrics_.gap_seconds[reason]->Increment(std::chrono::duration<double>(gap.end - last_gap_->end).count());
    gap.begin = last_gap_->begin;
    gap.after = last_gap_->after;
    gap.events += last_gap_->events;
    commits_->record(last_gap_number_, gap);
  } else {
    last_gap_number_ = gap_number_;
    record_gap(gap);
  }
  last_gap_ = std::move(gap);
}

void DiskSpool::flush(std::chrono::milliseconds timeout, std::function<void(bool)> flushed) {
  auto once = std::make_shared<std::function<void(bool)>>(std::move(flushed));
  flush_timer_.expires_after(timeout);
  flush_timer_.async_wait([once, alive = alive_](boost::system::error_code cancelled) {
    if (!cancelled && *alive && *once) std::exchange(*once, nullptr)(false);
  });
  commits_->flush([this, once] {
    post([this, once] {
      if (!*once) return;
      flush_timer_.cancel();
      std::exchange(*once, nullptr)(writable_);
    });
  });
}

void DiskSpool::redrive(const std::string& sink, const std::string& key, LettersChanged changed) {
  change_letters([sink, key](BatchStore& store) { return store.mark_for_redrive(sink, key); },
                 [this, sink, changed = std::move(changed)](const Result<std::uint64_t>& letters) {
                   for (Cursor& cursor : cursors_) {
                     if (cursor.sink != sink) continue;
                     cursor.redrive_wanted = true;
                     cursor.redrive_after.clear();
                   }
                   if (readable_) readable_();
                   changed(letters);
                 });
}

void DiskSpool::drop_dead_letters(const std::string& sink, const std::string& key, LettersChanged changed) {
  change_letters([sink, key](BatchStore& store) { return store.drop_dead_letters(sink, key); }, std::move(changed));
}

void DiskSpool::change_letters(std::function<Result<std::uint64_t>(BatchStore&)> change, LettersChanged changed) {
  commits_->run_on_store([this, change = std::move(change), changed = std::move(changed)](BatchStore* store) {
    const Error no_store{ErrorCategory::storage, "the spool does not take writes at the moment"};
    post(
        [changed, letters = store == nullptr ? Result<std::uint64_t>(no_store) : change(*store)] { changed(letters); });
  });
}

/// Runs it on the io thread, unless the spool is gone by then.
template <class Function>
void DiskSpool::post(Function function) {
  boost::asio::post(io_, [alive = alive_, function = std::move(function)]() mutable {
    if (*alive) function();
  });
}

void DiskSpool::committed(std::vector<EventPtr> events, std::uint64_t bytes, std::chrono::nanoseconds took) {
  metrics_.commit_seconds->Observe(std::chrono::duration<double>(took).count());
  post([this, events = std::move(events), bytes]() mutable { add_committed(std::move(events), bytes); });
}

void DiskSpool::add_committed(std::vector<EventPtr> events, std::uint64_t bytes) {
  const auto closed = index_.add({events.front()->sequence(), events.back()->sequence(), bytes,
                                  events.front()->received_at(), events.back()->received_at()});
  if (closed) commits_->close_segment(*closed);
  keep_in_memory(std::move(events));
  if (closed) hold_bounds();
  if (readable_) readable_();
}

void DiskSpool::keep_in_memory(std::vector<EventPtr> events) {
  for (EventPtr& event : events) {
    newest_bytes_ += event->size_bytes();
    newest_.push_back(std::move(event));
  }
  trim_memory();
}

/// What all have read goes, and what is too much: who has not read it reads it from the disk.
void DiskSpool::trim_memory() {
  Sequence read_by_all = index_.last();
  for (const Cursor& cursor : cursors_) read_by_all = std::min(read_by_all, cursor.read);
  while (!newest_.empty() && (newest_bytes_ > memory_bytes || newest_.front()->sequence() <= read_by_all)) {
    newest_bytes_ -= newest_.front()->size_bytes();
    newest_.pop_front();
  }
}

void DiskSpool::hold_bounds() {
  remove_done();
  // The wall clock may be set forward by days; what came before is not older for that.
  const SystemTime by_steady_clock = opened_at_ + (std::chrono::steady_clock::now() - opened_at_steady_);
  if (const auto cut = index_.cut_for_age(std::min(now(), by_steady_clock) - config_.max_age))
    give_up(*cut, DropReason::expired);
  if (config_.full == config::WhenFull::drop_oldest)
    if (const auto cut = index_.cut_for_size(config_.max_bytes())) give_up(*cut, DropReason::spool_full);
  watch_size();
}

void DiskSpool::watch_size() {
  const double part = static_cast<double>(index_.bytes()) / static_cast<double>(config_.max_bytes());
  if (part < low_water) said_high_water_ = false;
  if (part < high_water || said_high_water_) return;
  said_high_water_ = true;
  log_.write(
      log_code::spool_high_water, "",
      fmt::format("the spool holds nine tenths of its max_size; when it is full, {}",
                  config_.full == config::WhenFull::drop_oldest ? "the oldest events are dropped for the sinks that lag"
                                                                : "no more events are taken in"),
      {{"bytes", std::to_string(index_.bytes())}, {"max_size", std::to_string(config_.max_bytes())}});
}

void DiskSpool::give_up(Sequence up_to, DropReason reason) {
  std::uint64_t most = 0;
  const Sequence after{index_.first().value - 1};
  for (CursorId id = 0; id < cursors_.size(); ++id) {
    Cursor& cursor = cursors_[id];
    // What was read stands in the sink's own queue and is delivered from there.
    const std::uint64_t events = index_.count(cursor.read, up_to);
    while (!cursor.fetched.empty() && cursor.fetched.front()->sequence() <= up_to) cursor.fetched.pop_front();
    cursor.read = std::max(cursor.read, up_to);
    most = std::max(most, events);
    if (dropped_ && events > 0) dropped_({id, events, reason});
  }
  const auto removed = index_.remove_up_to(up_to);
  commits_->remove(removed);
  if (most > 0)
    extend_gap({.reason = gap_reason(reason),
                .begin = removed.front().oldest,
                .end = removed.back().newest,
                .after = after,
                .before = up_to.next(),
                .events = most});
}

void DiskSpool::tell_damage(const Damage& damage) {
  if (!known_damage_.insert(damage.after).second) return;
  const std::uint64_t events =
      damage.before.value == 0 ? 0 : index_.count(damage.after, Sequence{damage.before.value - 1});
  log_.write(log_code::spool_damaged, "",
             fmt::format("part of the spool cannot be read, the rest goes on: {}", damage.reason),
             {{"after_sequence", fmt::format("{:016x}", damage.after.value)},
              {"before_sequence", fmt::format("{:016x}", damage.before.value)}});
  record_gap({.reason = GapReason::corrupted,
              .begin = index_.oldest(damage.after).value_or(now()),
              .end = damage.before.value == 0 ? now() : index_.oldest(damage.before).value_or(now()),
              .after = damage.after,
              .before = damage.before,
              .events = events});
}

void DiskSpool::room() {
  post([this] {
    if (refused_ && refused_->reason == GapReason::overload) record_refused();
    if (room_) room_();
  });
}

void DiskSpool::disk_full(const Error& error, bool in_vain) {
  post([this, error, in_vain] {
    if (std::exchange(writable_, false))
      log_.write(log_code::spool_disk_full, "", error.text + "; nothing can be written until there is space");
    metrics_.writable->Set(0);
    remove_done();
    // What is given up takes its time to come back as space.
    const auto present = std::chrono::steady_clock::now();
    if (!in_vain || present < next_room_) return;
    next_room_ = present + room_interval;
    make_room_on_full_disk();
  });
}

/// The space of whole files comes back, so little at a time gives none.
void DiskSpool::make_room_on_full_disk() {
  if (config_.full != config::WhenFull::drop_oldest) return;
  const std::uint64_t portion = std::max(8 * mebibyte, index_.bytes() / 16);
  if (index_.bytes() <= portion) return;
  if (const auto cut = index_.cut_for_size(index_.bytes() - portion)) give_up(*cut, DropReason::spool_full);
}

void DiskSpool::write_failed(const Error& error) {
  post([this, error] {
    writable_ = false;
    metrics_.writable->Set(0);
    log_.write(log_code::spool_write_failed, "", error.text + "; the spool is closed, checked and opened again, once");
  });
}

void DiskSpool::recovered(const std::vector<Damage>& damages) {
  post([this, damages] {
    writable_ = true;
    metrics_.writable->Set(1);
    log_.write(log_code::spool_recovered, "", "the spool takes events in again");
    for (const Damage& damage : damages) tell_damage(damage);
    if (readable_) readable_();
  });
}

void DiskSpool::failed_for_good(const Error& error, std::uint64_t lost_events) {
  post([this, error, lost_events] {
    writable_ = false;
    metrics_.writable->Set(0);
    if (failed_)
      failed_({error.category,
               fmt::format("{}; {} events that had been read from the PBX are not written", error.text, lost_events)});
  });
}

void DiskSpool::letters_dropped(const std::string& sink, std::uint64_t letters) {
  post([this, sink, letters] {
    log_.write(log_code::spool_dead_letters_dropped, "sink " + sink,
               "the dead letters take more than spool.dead_letters_max_size, the oldest were dropped",
               {{"letters", std::to_string(letters)}});
    for (CursorId id = 0; id < cursors_.size(); ++id)
      if (dropped_ && cursors_[id].sink == sink) dropped_({id, letters, DropReason::dead_letters_full});
  });
}

bool DiskSpool::writable() const { return writable_ && commits_->under_way() < config_.max_pause; }

void DiskSpool::tick() {
  hold_bounds();
  metrics_.writable->Set(writable() ? 1 : 0);
  if (readable_) readable_();
  tick_timer_.expires_after(tick_interval);
  tick_timer_.async_wait([this, alive = alive_](boost::system::error_code cancelled) {
    if (!cancelled && *alive) tick();
  });
}

}  // namespace pbxbridge::spool
