#include "spool/log/commit_queue.hpp"

#include "pbxbridge/event.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace pbxbridge::spool {

namespace {

constexpr std::uint64_t max_batch_bytes = 1024 * 1024;
constexpr std::size_t max_queue_events = 100'000;
/// The last eighth of the queue is for what comes before its source is paused: each learns it from its own next
/// event only.
template <class Number>
constexpr Number pause_at(Number bound) {
  return bound - bound / 8;
}
constexpr std::size_t hand_off_events = 64;  // so that the thread can begin while many more come
// Events from which something is derived at once, at most; they are of one commit.
constexpr std::size_t derived_from_events = 2048;
constexpr std::uint64_t derived_from_bytes = max_batch_bytes;
constexpr std::chrono::milliseconds derived_from_time{10};
/// The loop may call `end_turn` before it has looked for what can be read.
constexpr int quiet_turns_max = 2;
constexpr std::chrono::milliseconds bookkeeping_interval{200};

std::uint64_t size_of(const std::vector<TableChange>& changes) {
  std::uint64_t bytes = 0;
  for (const auto& [key, row] : changes) bytes += sizeof(TableChange) + key.size() + (row ? row->size() : 0);
  return bytes;
}

template <class T>
void append_to(std::vector<T>& target, std::vector<T>& source) {
  target.insert(target.end(), std::make_move_iterator(source.begin()), std::make_move_iterator(source.end()));
  source.clear();
}

}  // namespace

bool CommitQueue::append(NewEventPtr& cause, Derivation&& derivation) {
  if (!takes_more()) return false;
  // Hand off before the cause is pushed: something may be expected to follow from it.
  if (are_many_appended()) hand_off();
  if (!derivation.empty()) derive_now();
  const std::uint64_t begin = appended_ever();
  const Event* const event = cause.get();
  if (cause) push(std::move(cause));
  if (derivation.empty()) return true;
  push(begin, event, std::move(derivation));
  derived_up_to_ = appended_ever();
  return true;
}

void CommitQueue::push(std::uint64_t begin, const Event* cause, Derivation&& derivation) {
  std::vector<const Event*> causes;
  causes.reserve(derivation.events.size());
  for (DerivedEvent& derived : derivation.events) {
    causes.push_back(derived.cause ? derived.cause : cause);
    push(std::move(derived.event));
  }
  const std::uint64_t bytes = size_of(derivation.changes);
  appended_bytes_ += bytes;
  appended_derivations_.push_back({.begin = begin,
                                   .end = appended_ever(),
                                   .causes = std::move(causes),
                                   .changes = std::move(derivation.changes),
                                   .changed_bytes = bytes});
}

bool CommitQueue::are_many_appended() const {
  if (!derivation_expected_) return appended_.size() >= hand_off_events;
  return appended_.size() >= derived_from_events || appended_bytes_ >= derived_from_bytes;
}

void CommitQueue::set_derive(std::function<Derivation()> derive) {
  derive_now();
  derive_ = std::move(derive);
}

void CommitQueue::derive_now() {
  if (std::exchange(derivation_expected_, false)) {
    auto derivation = derive_();
    if (!derivation.empty()) push(derived_up_to_, nullptr, std::move(derivation));
  }
  derived_up_to_ = appended_ever();
}

bool CommitQueue::end_turn() {
  const std::size_t before = std::exchange(appended_before_turn_, appended_.size());
  quiet_turns_ = appended_.size() > before ? 0 : quiet_turns_ + 1;
  if (derivation_expected_ && quiet_turns_ < quiet_turns_max && !are_many_appended()) {
    const auto now = Clock::now();
    if (before == 0) first_turn_ = now;
    if (now < first_turn_ + derived_from_time) return false;
  }
  hand_off();
  return true;
}

void CommitQueue::push(NewEventPtr&& event) {
  appended_bytes_ += event->size_bytes();
  appended_.push_back(std::move(event));
}

void CommitQueue::hand_off() {
  derive_now();
  appended_before_turn_ = 0;
  if (appended_.empty() && appended_derivations_.empty()) return;
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = is_empty();
    queue_bytes_ += std::exchange(appended_bytes_, 0);
    queue_.insert(queue_.end(), std::make_move_iterator(appended_.begin()), std::make_move_iterator(appended_.end()));
    derivations_.insert(derivations_.end(), std::make_move_iterator(appended_derivations_.begin()),
                        std::make_move_iterator(appended_derivations_.end()));
    note_queue();
  }
  handed_off_ += appended_.size();
  appended_.clear();
  appended_derivations_.clear();
  if (first) wake_.notify_one();
}

bool CommitQueue::has_room() const {
  const auto bytes = pause_at(max_bytes_);
  const auto events = pause_at(max_queue_events);
  if (!seems_filled(bytes, events)) return true;
  const std::lock_guard lock(mutex_);
  return !is_filled(bytes, events);
}

bool CommitQueue::takes_more() const { return !seems_filled(max_bytes_, max_queue_events) || !is_full(); }

void CommitQueue::set_max_bytes(std::uint64_t max_bytes) {
  const std::lock_guard lock(mutex_);
  max_bytes_ = max_bytes;
}

bool CommitQueue::ask_for_room() {
  const std::lock_guard lock(mutex_);
  if (!is_filled(pause_at(max_bytes_), pause_at(max_queue_events))) return false;
  room_wanted_ = true;
  return true;
}

bool CommitQueue::is_full() const {
  const std::lock_guard lock(mutex_);
  return is_filled(max_bytes_, max_queue_events);
}

bool CommitQueue::seems_filled(std::uint64_t bytes, std::size_t events) const {
  return seen_queue_bytes_.load(std::memory_order_relaxed) + appended_bytes_ >= bytes ||
         seen_queue_events_.load(std::memory_order_relaxed) + appended_.size() >= events;
}

/// Called on the io thread, under `mutex_`.
bool CommitQueue::is_filled(std::uint64_t bytes, std::size_t events) const {
  return failed_ || queue_bytes_ + appended_bytes_ >= bytes || queue_.size() + appended_.size() >= events;
}

void CommitQueue::note_queue() {
  seen_queue_bytes_.store(failed_ ? std::numeric_limits<std::uint64_t>::max() / 2 : queue_bytes_,
                          std::memory_order_relaxed);
  seen_queue_events_.store(queue_.size(), std::memory_order_relaxed);
}

void CommitQueue::acknowledge(const std::string& sink, Sequence position) {
  const std::lock_guard lock(mutex_);
  pending_.cursors[sink] = position;
}

void CommitQueue::remember_deferred(const std::string& sink, DeferredDeliveries deferred) {
  const std::lock_guard lock(mutex_);
  pending_.deferred[sink] = std::move(deferred);
}

void CommitQueue::mark_removed(const std::string& sink, std::optional<SystemTime> since) {
  const std::lock_guard lock(mutex_);
  pending_.removed_sinks[sink] = since;
}

void CommitQueue::forget_sink(const std::string& sink) {
  const std::lock_guard lock(mutex_);
  pending_.forget_sink(sink);
}

void CommitQueue::close_segment(const Segment& segment) {
  const std::lock_guard lock(mutex_);
  pending_.closed_segments.push_back(segment);
}

void CommitQueue::remove(const std::vector<Segment>& segments) {
  const std::lock_guard lock(mutex_);
  pending_.removed_segments.insert(pending_.removed_segments.end(), segments.begin(), segments.end());
}

void CommitQueue::mark(const SubscribedUntilByPbx& streams) {
  const std::lock_guard lock(mutex_);
  for (const auto& [pbx, mark] : streams) pending_.streams[pbx] = mark;
}

void CommitQueue::forget(const Damage& damage) {
  const std::lock_guard lock(mutex_);
  pending_.damages_reported.push_back(damage);
}

void CommitQueue::complete_cursors() {
  const std::lock_guard lock(mutex_);
  pending_.cursors_complete = true;
}

void CommitQueue::keep_unacknowledged(const std::string& sink, UnacknowledgedRuns runs) {
  const std::lock_guard lock(mutex_);
  pending_.unacknowledged[sink] = std::move(runs);
  wake_at_once();
}

void CommitQueue::bury(const std::string& sink, DeadLetter letter) {
  const std::lock_guard lock(mutex_);
  pending_.letters.emplace_back(sink, std::move(letter));
  wake_at_once();
}

void CommitQueue::forget(const std::string& sink, DeadLetter letter) {
  const std::lock_guard lock(mutex_);
  pending_.letters_taken.emplace_back(sink, std::move(letter));
  wake_at_once();
}

void CommitQueue::record(std::uint64_t number, Gap gap, const SubscribedUntilByPbx& streams) {
  hand_off();
  const std::lock_guard lock(mutex_);
  for (const auto& [pbx, mark] : streams) pending_.streams[pbx] = mark;
  pending_.put_gap(number, std::move(gap));
  wake_at_once();
}

void CommitQueue::run_on_store(Task task) {
  hand_off();
  const std::lock_guard lock(mutex_);
  if (failed_) {
    task(nullptr);
    return;
  }
  tasks_.push_back(std::move(task));
  wake_at_once();
}

void CommitQueue::flush(std::function<void()> flushed) {
  hand_off();
  const std::lock_guard lock(mutex_);
  if (failed_) {
    flushed();
    return;
  }
  flushes_.push_back(std::move(flushed));
  flush_up_to_ = taken_ + queue_.size();
  wake_at_once();
}

void CommitQueue::stop() {
  hand_off();
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
}

/// Under `mutex_`.
void CommitQueue::wake_at_once() {
  urgent_ = true;
  wake_.notify_one();
}

std::optional<CommitQueue::Work> CommitQueue::take(Clock::time_point last_commit, Clock::time_point until) {
  // Acknowledgements do not wake the thread: it looks by itself.
  const auto wake_up = std::min(until, std::max(Clock::now(), last_commit) + bookkeeping_interval);
  std::unique_lock lock(mutex_);
  while (!is_due(last_commit) && wake_.wait_until(lock, wake_up) == std::cv_status::no_timeout) {
  }
  if (stop_ && is_empty() && pending_.empty() && flushes_.empty() && tasks_.empty()) return std::nullopt;
  return take_some();
}

/// Under `mutex_`, as take_some.
bool CommitQueue::is_due(Clock::time_point last_commit) const {
  return stop_ || urgent_ || !is_empty() || (!pending_.empty() && Clock::now() >= last_commit + bookkeeping_interval);
}

/// A derivation may have changes and no event.
bool CommitQueue::is_empty() const { return queue_.empty() && derivations_.empty(); }

CommitQueue::Work CommitQueue::take_some() {
  Work work;
  std::uint64_t bytes = 0;
  while (true) {
    const std::uint64_t taken = taken_ + work.events.size();
    std::uint64_t alone = derivations_.empty() ? queue_.size() : derivations_.front().begin - taken;
    for (; alone > 0 && bytes < max_batch_bytes; --alone) bytes += take_event(work);
    if (alone > 0 || derivations_.empty()) break;
    // Changes without an event go with the events before them: a flush that came after both counts these.
    const bool has_events = derivations_.front().end > derivations_.front().begin;
    if (has_events && bytes >= max_batch_bytes) break;
    bytes += take_derivation(work);
  }
  queue_bytes_ -= bytes;
  taken_ += work.events.size();
  note_queue();
  work.commit = std::exchange(pending_, {});
  // A flush is through when everything before it is.
  if (taken_ >= flush_up_to_) work.flushes = std::exchange(flushes_, {});
  work.tasks = std::exchange(tasks_, {});
  urgent_ = !flushes_.empty();
  if (queue_bytes_ <= max_bytes_ / 2 && queue_.size() <= max_queue_events / 2)
    work.makes_room = std::exchange(room_wanted_, false);
  return work;
}

/// Returns its bytes, as the following.
std::uint64_t CommitQueue::take_event(Work& work) {
  const std::uint64_t bytes = queue_.front()->size_bytes();
  work.events.push_back(std::move(queue_.front()));
  queue_.pop_front();
  return bytes;
}

/// All of the next one, which begins at the next event.
std::uint64_t CommitQueue::take_derivation(Work& work) {
  Derived& derived = work.derivations.emplace_back(std::move(derivations_.front()));
  derivations_.pop_front();
  derived.begin -= taken_;
  derived.end -= taken_;
  std::uint64_t bytes = derived.changed_bytes;
  while (work.events.size() < derived.end) bytes += take_event(work);
  return bytes;
}

bool CommitQueue::is_wanted_now(const Work& work) {
  const std::lock_guard lock(mutex_);
  return is_wanted(work);
}

bool CommitQueue::wait_until_wanted(const Work& work, std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  return wake_.wait_for(lock, timeout, [&] { return is_wanted(work); });
}

/// Under `mutex_`. Events that came after a flush are none of its.
bool CommitQueue::is_wanted(const Work& work) const { return stop_ || taken_ - work.events.size() < flush_up_to_; }

bool CommitQueue::wait_until_stopped(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  return wake_.wait_for(lock, timeout, [this] { return stop_; });
}

void CommitQueue::move_bookkeeping(Commit& commit) {
  const std::lock_guard lock(mutex_);
  for (const std::string& sink : std::exchange(pending_.forgotten_sinks, {})) commit.forget_sink(sink);
  for (const auto& [sink, since] : std::exchange(pending_.removed_sinks, {})) commit.removed_sinks[sink] = since;
  for (const auto& [sink, position] : std::exchange(pending_.cursors, {})) commit.cursors[sink] = position;
  for (auto& [sink, deferred] : std::exchange(pending_.deferred, {})) commit.deferred[sink] = std::move(deferred);
  for (const auto& [pbx, mark] : std::exchange(pending_.streams, {})) commit.streams[pbx] = mark;
  append_to(commit.letters, pending_.letters);
  append_to(commit.letters_taken, pending_.letters_taken);
  for (auto& [number, gap] : std::exchange(pending_.gaps, {})) commit.put_gap(number, std::move(gap));
  for (auto& [sink, runs] : std::exchange(pending_.unacknowledged, {})) commit.unacknowledged[sink] = std::move(runs);
  append_to(commit.closed_segments, pending_.closed_segments);
  append_to(commit.removed_segments, pending_.removed_segments);
  append_to(commit.damages_reported, pending_.damages_reported);
  commit.cursors_complete = std::exchange(pending_.cursors_complete, false) || commit.cursors_complete;
}

CommitQueue::Remains CommitQueue::fail() {
  const std::lock_guard lock(mutex_);
  failed_ = true;
  note_queue();
  return {.events = queue_.size(), .flushes = std::exchange(flushes_, {}), .tasks = std::exchange(tasks_, {})};
}

}  // namespace pbxbridge::spool
