#include "spool/disk_spool.hpp"

#include "pbxbridge/event.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace pbxbridge::spool {

namespace {

namespace log_code = observe::log_code;

constexpr std::uint64_t memory_bytes = 4 * 1024 * 1024;
constexpr std::size_t fetch_bytes = 1024 * 1024;
/// Fetches deferred deliveries of an earlier process in this size: they lie scattered among what is done with.
constexpr std::size_t scattered_fetch_bytes = 64 * 1024;
constexpr std::chrono::seconds tick_interval{1};
/// Network storage that was cut off is there again by then; a sector that cannot be read will not be.
constexpr std::chrono::minutes disk_patience{1};

CommitThread::Settings commit_settings(const config::SpoolConfig& config) {
  return {.directory = config.path,
          .sync = config.sync,
          .sync_interval = config.sync_interval,
          .dead_letter_bytes = config.dead_letters_max_size.bytes,
          .ballast_bytes = std::min(64 * mebibyte, config.max_bytes() / 8)};
}

SystemTime now() { return std::chrono::system_clock::now(); }

/// Returns when an event was received that was queued for a moment.
Moment moment_of(const Event& event) {
  constexpr std::chrono::nanoseconds longest_queued = std::chrono::seconds(10);  // the clock may have been set in it
  Moment moment = present_moment();
  moment.since_boot -= std::clamp<std::chrono::nanoseconds>(moment.wall - event.received_at(), {}, longest_queued);
  moment.wall = event.received_at();
  return moment;
}

}  // namespace

Result<std::unique_ptr<DiskSpool>> DiskSpool::open(boost::asio::io_context& io, const config::SpoolConfig& config,
                                                   observe::Log& log, SpoolMetrics& metrics) {
  auto lock = SpoolLock::take(config.path);
  if (!lock) return lock.error();
  auto store = BatchStore::open(config.path, BatchStore::Access::write);
  if (!store) return store.error();
  auto rows = store.value()->tables();
  if (!rows) return rows.error();
  return std::unique_ptr<DiskSpool>(new DiskSpool(io, config, log, metrics, std::move(lock.value()),
                                                  std::move(store.value()), std::move(rows.value())));
}

DiskSpool::DiskSpool(boost::asio::io_context& io, const config::SpoolConfig& config, observe::Log& log,
                     SpoolMetrics& metrics, SpoolLock lock, std::unique_ptr<BatchStore> store,
                     std::vector<TableRow> rows)
    : io_(io),
      config_(config),
      log_(log),
      metrics_(metrics),
      watch_(config_.path, std::move(lock)),
      id_(store->id()),
      stored_cursors_(store->cursors()),
      stored_removed_(store->removed_sinks()),
      stored_deferred_(store->deferred()),
      stored_unacknowledged_(store->unacknowledged()),
      stored_damages_(store->damages()),
      stored_salvage_(store->salvaged()),
      stored_rows_(std::move(rows)),
      index_(store->segments()),
      replayed_up_to_(store->last()),
      retention_(config_, now(), std::chrono::steady_clock::now()),
      newest_(memory_bytes),
      gaps_(
          log, metrics, store->gaps(),
          [this](std::uint64_t number, Gap gap) {
            commits_.record(number, std::move(gap), gap_watch_.take_changes(committed_up_to()));
          },
          [this](const Gap& gap) {
            if (!on_gap_) return;
            if (unreported_gaps_.empty()) post([this] { report_gaps(); });
            unreported_gaps_.push_back(gap);
          }),
      losses_(cursors_, gaps_,
              [this](const std::string& sink, UnacknowledgedRuns runs) {
                commits_.keep_unacknowledged(sink, std::move(runs));
              }),
      gap_watch_(store->streams(), store->last()),
      tick_timer_(io.get_executor()),
      flush_timer_(io.get_executor()),
      commits_(config.queue_size.bytes) {
  slot_.store = std::move(store);
  reader_ = std::make_unique<DiskReader>(slot_);
  commit_thread_ = std::make_unique<CommitThread>(commit_settings(config), watch_, slot_, commits_,
                                                  static_cast<CommitListener&>(*this));
  office_ = std::make_unique<DeadLetterOffice>(io, slot_, *reader_, commits_, [this] {
    if (on_readable_) on_readable_();
  });
  log_.write(
      log_code::spool_opened, "", fmt::format("the spool in {} is open", config.path.string()),
      {{"events", std::to_string(index_.events())}, {"bytes", std::to_string(index_.bytes())}, {"id", id_.text()}});
  if (!stored_salvage_.empty()) log_.write(log_code::spool_salvaged, "", stored_salvage_);
  metrics_.writable.set(1);
}

DiskSpool::~DiskSpool() { gaps_.end_rejections(); }

Stats DiskSpool::stats() const {
  Stats stats;
  stats.events = index_.events();
  stats.bytes = index_.bytes();
  stats.first = index_.first();
  stats.last = index_.last();
  stats.queued_events = not_committed_;
  if (const auto oldest = index_.oldest(lowest_acknowledged(false))) {
    reception_clock_.note();
    stats.oldest_age = std::chrono::duration_cast<std::chrono::seconds>(reception_clock_.age(*oldest));
  }
  return stats;
}

std::optional<DropReason> DiskSpool::append(NewEventPtr& cause, Derivation&& derivation) {
  if (is_full()) {
    if (cause && gaps_.rejected(*cause, GapReason::spool_full, index_.last()))
      log_.write(
          log_code::spool_full, "",
          "the spool has reached spool.max_size and takes nothing in; what the PBX pushes is dropped and counted "
          "until sinks have taken some of what waits",
          {{"bytes", std::to_string(index_.bytes())}});
    return DropReason::spool_full;
  }
  // Before the event is taken, for the gap's record hands off what was: what is derived from it would come too late.
  if (commits_.takes_more()) gaps_.end_rejections();
  const std::uint64_t events = (cause ? 1 : 0) + derivation.events.size();
  if (!commits_.append(cause, std::move(derivation))) return cause ? reject(*cause) : DropReason::overload;
  not_committed_ += events;
  if (!std::exchange(hand_off_posted_, true)) hand_off_soon();
  return std::nullopt;
}

void DiskSpool::hand_off_soon() {
  post([this] {
    if (!commits_.end_turn()) return hand_off_soon();
    hand_off_posted_ = false;
  });
}

void DiskSpool::set_derive(std::function<Derivation()> derive) {
  if (!derive) return commits_.set_derive({});
  commits_.set_derive([this, derive = std::move(derive)] {
    auto derivation = derive();
    not_committed_ += derivation.events.size();
    return derivation;
  });
}

/// Drops what is kept for removed sinks before anything is rejected.
bool DiskSpool::is_full() {
  if (!retention_.is_full(index_)) return false;
  make_room_of_removed_sinks();
  return retention_.is_full(index_);
}

DropReason DiskSpool::reject(const Event& event) {
  gaps_.rejected(event, GapReason::overload, index_.last());
  return DropReason::overload;
}

bool DiskSpool::has_room() const { return commits_.has_room(); }

void DiskSpool::ask_for_room() {
  if (!commits_.ask_for_room()) room();
}

void DiskSpool::start() {
  losses_.of_earlier_process(stored_unacknowledged_,
                             index_.empty() ? replayed_up_to_ : Sequence{index_.first().value - 1});
  for (const Damage& damage : stored_damages_) losses_.damaged(damage, index_);
  keep_removed_sinks();
  commits_.complete_cursors();
  // All cursors are open by now: what no cursor holds is removed.
  tick();
  started_ = true;
}

void DiskSpool::use_settings(const config::SpoolConfig& settings) {
  const auto path = std::move(config_.path);
  config_ = settings;
  config_.path = path;
  commits_.set_max_bytes(settings.queue_size.bytes);
  commit_thread_->use_settings(commit_settings(config_));
  hold_bounds();
}

void DiskSpool::read(CursorId id, std::size_t max_events, std::vector<EventPtr>& events) {
  SinkCursor& cursor = cursors_[id];
  do {
    events.clear();
    if (cursor.fetched.empty() && cursor.kept.empty()) cursor.read = cursor.deferred.done_from(cursor.read);
    cursor.hand_off(max_events, events);
    if (events.empty()) newest_.read(cursor.read, max_events, events);
    if (events.empty()) break;
    cursor.read = std::max(cursor.read, events.back()->sequence());
    cursor.leave_out_done(events);
  } while (events.empty());
  if (!events.empty())
    trim_memory();
  else if (cursor.fetched.empty() && cursor.read < index_.last())
    fetch(id);
}

void DiskSpool::fetch(CursorId id) {
  SinkCursor& cursor = cursors_[id];
  if (std::exchange(cursor.fetching, true)) return;
  const std::size_t bytes = cursor.read < cursor.deferred.passed ? scattered_fetch_bytes : fetch_bytes;
  const Fetch order{.cursor = id, .reader = cursor.reader, .from = cursor.read, .newest = index_.last()};
  reader_->fetch(cursor.read, bytes, [this, order](auto chunk) {
    post([this, order, chunk = std::move(chunk)]() mutable { take_fetched(order, std::move(chunk)); });
  });
}

void DiskSpool::take_fetched(const Fetch& order, Result<BatchStore::Chunk> chunk) {
  SinkCursor& cursor = cursors_[order.cursor];
  cursor.fetching = false;
  if (order.reader != cursor.reader) {
    if (on_readable_) on_readable_();
    return;
  }
  if (chunk && disk_may_recover(cursor, *chunk))
    chunk = Error{ErrorCategory::storage, "the disk refuses to read: " + chunk->damages.front().reason};
  if (!chunk) {
    // The store is being opened again, or lacks something that may come back: `tick` wakes the reader again.
    log_.write(log_code::spool_read_failed, "sink " + cursor.sink,
               chunk.error().text + "; events of this sink wait in the spool, reading is tried again");
    return;
  }
  for (Damage& damage : chunk->damages) {
    // The end of all. What was committed meanwhile may be after it, and is not missing.
    if (damage.before.value == 0 && damage.after < order.newest) damage.before = order.newest.next();
    if (damage.after < cursor.read && damage.before <= cursor.read) continue;
    losses_.damaged(damage, index_);
  }
  cursor.keep_fetched(std::move(chunk->events));
  // Nothing after could be read: go on with what is newer.
  if (cursor.fetched.empty() && chunk->at_end && cursor.read == order.from)
    cursor.read = std::max(cursor.read, order.newest);
  if (on_readable_) on_readable_();
}

/// A disk has a while to recover before its content is given up.
bool DiskSpool::disk_may_recover(SinkCursor& cursor, const BatchStore::Chunk& chunk) {
  const auto steady_now = std::chrono::steady_clock::now();
  if (chunk.disk_error && !chunk.damages.empty()) {
    if (!cursor.disk_fails_since) cursor.disk_fails_since = steady_now;
    if (steady_now - *cursor.disk_fails_since < disk_patience) return true;
  }
  cursor.disk_fails_since.reset();
  return false;
}

void DiskSpool::acknowledge(CursorId id, Sequence position) {
  SinkCursor& cursor = cursors_[id];
  position = cursor.deferred.done_from(position);
  if (position <= cursor.acknowledged) return;
  cursor.acknowledged = position;
  cursor.unacknowledged.acknowledge(position);
  commits_.acknowledge(cursor.sink, position);
  if (cursor.deferred.passed > Sequence{} && position >= cursor.deferred.passed) {
    cursor.deferred = {};
    commits_.remember_deferred(cursor.sink, {});
  }
  remove_done();
}

/// Until the sink is as far again as when an earlier process ended, that one's word counts for the rest.
void DiskSpool::remember_deferred(CursorId id, DeferredDeliveries deferred) {
  SinkCursor& cursor = cursors_[id];
  deferred.extend(cursor.deferred);
  if (deferred == cursor.deferred) return;
  cursor.deferred = std::move(deferred);
  commits_.remember_deferred(cursor.sink, cursor.deferred);
}

Sequence DiskSpool::lowest_acknowledged(bool and_removed) const {
  Sequence lowest = index_.last();
  for (const SinkCursor& cursor : cursors_)
    if (and_removed ? !cursor.is_free : cursor.is_open()) lowest = std::min(lowest, cursor.acknowledged);
  return lowest;
}

void DiskSpool::remove_done() {
  if (const auto done = index_.done_with(lowest_acknowledged(true))) commits_.remove(index_.remove_up_to(*done));
}

std::uint64_t DiskSpool::unread(CursorId id) const {
  const SinkCursor& cursor = cursors_[id];
  return events_not_done(index_, cursor.read, cursor.deferred) + cursor.kept.size();
}

std::optional<SystemTime> DiskSpool::oldest_unread(CursorId id) const {
  const SinkCursor& cursor = cursors_[id];
  return unread(id) == 0 ? std::nullopt : index_.oldest(cursor.read);
}

void DiskSpool::note_subscribed(const std::string& pbx, SubscribedState state, SystemTime at) {
  if (auto gap = gap_watch_.note(pbx, state, present_moment_at(at), index_.last())) {
    gaps_.record(std::move(*gap));
    report_gaps();
  } else {
    commits_.mark(gap_watch_.take_changes(committed_up_to()));
  }
}

void DiskSpool::report_gaps() {
  for (const Gap& gap : std::exchange(unreported_gaps_, {})) on_gap_(gap);
}

/// Events received later may be lost with the process.
Moment DiskSpool::committed_up_to() const { return not_committed_ == 0 ? present_moment() : committed_at_; }

void DiskSpool::flush(std::chrono::milliseconds timeout, std::function<void(bool)> flushed) {
  auto once = std::make_shared<std::function<void(bool)>>(std::move(flushed));
  flush_timer_.after(timeout, [once] {
    if (*once) std::exchange(*once, nullptr)(false);
  });
  commits_.flush([this, once] {
    post([this, once] {
      if (!*once) return;
      flush_timer_.cancel();
      std::exchange(*once, nullptr)(writable_);
    });
  });
}

void DiskSpool::add_committed(std::vector<EventPtr> events, std::uint64_t bytes) {
  const auto closed = index_.add(segment_of(events, bytes));
  if (closed) commits_.close_segment(*closed);
  not_committed_ -= events.size();
  committed_at_ = moment_of(*events.back());
  if (on_committed_) on_committed_(events);
  newest_.add(std::move(events));
  trim_memory();
  if (closed) hold_bounds();
  if (on_readable_) on_readable_();
}

/// A sink reads from the disk what it has yet to read and memory does not hold.
void DiskSpool::trim_memory() {
  Sequence read_by_all = index_.last();
  for (const SinkCursor& cursor : cursors_)
    if (cursor.is_open()) read_by_all = std::min(read_by_all, cursor.read);
  newest_.trim(read_by_all);
}

void DiskSpool::hold_bounds() {
  remove_done();
  if (const auto cut = retention_.too_old(index_, now(), std::chrono::steady_clock::now()))
    drop_up_to(*cut, DropReason::expired);
  if (const auto cut = retention_.too_much(index_)) drop_up_to(*cut, DropReason::spool_full);
  if (retention_.is_soon_full(index_)) make_room_of_removed_sinks();
  watch_size();
}

void DiskSpool::watch_size() {
  if (!retention_.is_nearly_full(index_)) return;
  log_.write(
      log_code::spool_high_water, "",
      fmt::format("the spool holds nine tenths of its max_size; when it is full, {}",
                  config_.full == config::WhenFull::drop_oldest ? "the oldest events are dropped for the sinks that lag"
                                                                : "no more events are accepted"),
      {{"bytes", std::to_string(index_.bytes())}, {"max_size", std::to_string(config_.max_bytes())}});
}

void DiskSpool::drop_up_to(Sequence up_to, DropReason reason) {
  const auto removed = index_.remove_up_to(up_to);
  losses_.given_up(removed, reason);
  commits_.remove(removed);
}

bool DiskSpool::writable() const {
  return writable_ && commit_thread_->under_way() < config_.max_pause && !retention_.is_full(index_);
}

void DiskSpool::tick() {
  reception_clock_.note();
  forget_expired_sinks();
  hold_bounds();
  gaps_.store_rejections();
  commits_.mark(gap_watch_.take_changes(committed_up_to()));
  metrics_.writable.set(writable() ? 1 : 0);
  if (on_readable_) on_readable_();
  tick_timer_.after(tick_interval, [this] { tick(); });
}

}  // namespace pbxbridge::spool
