#include "spool/commit_thread.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <pthread.h>
#include <utility>

namespace pbxbridge::spool {

namespace {

constexpr std::uint64_t max_batch_bytes = 1024 * 1024;
constexpr std::size_t max_queue_events = 100'000;
/// The last eighth of the queue is for what comes before its source is held back: each learns it from its own next
/// event only.
template <class Number>
constexpr Number held_back_at(Number bound) {
  return bound - bound / 8;
}
constexpr std::size_t hand_over_events = 64;  // so that the thread can begin while many more come
constexpr std::chrono::milliseconds bookkeeping_interval{200};
constexpr std::chrono::milliseconds full_disk_pause{500};
/// Beyond the reserve, before writing goes on: so that it does not stop again at once.
constexpr std::uint64_t space_to_go_on = 1024 * 1024;
/// A second failure that comes so soon is taken to be a disk that is broken.
constexpr std::chrono::hours failure_memory{1};

template <class T>
void move_behind(std::vector<T>& target, std::vector<T>& source) {
  target.insert(target.end(), std::make_move_iterator(source.begin()), std::make_move_iterator(source.end()));
  source.clear();
}

/// Cursors alone need no fsync: lost, they lead to events delivered twice, and nothing else. Removals do: files go for
/// good by them, and whoever had not confirmed what was in these is to be told.
bool has_news(const Commit& commit) {
  return !commit.events.empty() || !commit.letters.empty() || !commit.gaps.empty() || !commit.unconfirmed.empty() ||
         !commit.removed_segments.empty();
}

}  // namespace

CommitThread::CommitThread(Settings settings, StoreSlot& slot, CommitListener& listener)
    : settings_(std::move(settings)),
      slot_(slot),
      listener_(listener),
      next_(Sequence::first_of(slot.store->start_epoch())),
      space_(settings_.directory, settings_.ballast_bytes),
      thread_([this] { run(); }) {}

CommitThread::~CommitThread() {
  hand_over();
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

bool CommitThread::append(NewEventPtr& event) {
  if (seems_taken(settings_.queue_bytes, max_queue_events) && is_full()) return false;
  appended_bytes_ += event->size_bytes();
  appended_.push_back(std::move(event));
  if (appended_.size() >= hand_over_events) hand_over();
  return true;
}

void CommitThread::hand_over() {
  if (appended_.empty()) return;
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = queue_.empty();
    queue_bytes_ += std::exchange(appended_bytes_, 0);
    queue_.insert(queue_.end(), std::make_move_iterator(appended_.begin()), std::make_move_iterator(appended_.end()));
    note_queue();
  }
  appended_.clear();
  if (first) wake_.notify_one();
}

bool CommitThread::has_room() {
  const auto bytes = held_back_at(settings_.queue_bytes);
  const auto events = held_back_at(max_queue_events);
  if (!seems_taken(bytes, events)) return true;
  hand_over();
  const std::lock_guard lock(mutex_);
  if (!is_taken(bytes, events)) return true;
  room_wanted_ = true;
  return false;
}

bool CommitThread::is_full() {
  hand_over();
  const std::lock_guard lock(mutex_);
  return is_taken(settings_.queue_bytes, max_queue_events);
}

bool CommitThread::seems_taken(std::uint64_t bytes, std::size_t events) const {
  return seen_queue_bytes_.load(std::memory_order_relaxed) + appended_bytes_ >= bytes ||
         seen_queue_events_.load(std::memory_order_relaxed) + appended_.size() >= events;
}

/// Under `mutex_`, as note_queue.
bool CommitThread::is_taken(std::uint64_t bytes, std::size_t events) const {
  return failed_ || queue_bytes_ >= bytes || queue_.size() >= events;
}

void CommitThread::note_queue() {
  seen_queue_bytes_.store(failed_ ? std::numeric_limits<std::uint64_t>::max() / 2 : queue_bytes_,
                          std::memory_order_relaxed);
  seen_queue_events_.store(queue_.size(), std::memory_order_relaxed);
}

void CommitThread::acknowledge(const std::string& sink, Sequence position) {
  const std::lock_guard lock(mutex_);
  pending_.cursors[sink] = position;
}

void CommitThread::hold_back(const std::string& sink, HeldBack held_back) {
  const std::lock_guard lock(mutex_);
  pending_.held_back[sink] = std::move(held_back);
}

void CommitThread::close_segment(const Segment& segment) {
  const std::lock_guard lock(mutex_);
  pending_.closed_segments.push_back(segment);
}

void CommitThread::remove(const std::vector<Segment>& segments) {
  const std::lock_guard lock(mutex_);
  pending_.removed_segments.insert(pending_.removed_segments.end(), segments.begin(), segments.end());
}

void CommitThread::keep_unconfirmed(const std::string& sink, UnconfirmedRuns runs) {
  const std::lock_guard lock(mutex_);
  pending_.unconfirmed[sink] = std::move(runs);
  wake_at_once();
}

/// Under `mutex_`.
void CommitThread::wake_at_once() {
  urgent_ = true;
  wake_.notify_one();
}

void CommitThread::mark(const StreamMarks& streams) {
  const std::lock_guard lock(mutex_);
  for (const auto& [pbx, mark] : streams) pending_.streams[pbx] = mark;
}

void CommitThread::bury(const std::string& sink, DeadLetter letter) {
  const std::lock_guard lock(mutex_);
  pending_.letters.emplace_back(sink, std::move(letter));
  wake_at_once();
}

void CommitThread::forget(const std::string& sink, DeadLetter letter) {
  const std::lock_guard lock(mutex_);
  pending_.letters_taken.emplace_back(sink, std::move(letter));
  wake_at_once();
}

void CommitThread::record(std::uint64_t number, Gap gap, const StreamMarks& streams) {
  hand_over();
  const std::lock_guard lock(mutex_);
  for (const auto& [pbx, mark] : streams) pending_.streams[pbx] = mark;
  pending_.put_gap(number, std::move(gap));
  wake_at_once();
}

void CommitThread::run_on_store(Task task) {
  hand_over();
  const std::lock_guard lock(mutex_);
  if (failed_) {
    task(nullptr);
    return;
  }
  tasks_.push_back(std::move(task));
  wake_at_once();
}

std::chrono::nanoseconds CommitThread::under_way() const {
  const auto since = busy_since_.load();
  if (since == 0) return {};
  return Clock::now().time_since_epoch() - Clock::duration(since);
}

void CommitThread::flush(std::function<void()> flushed) {
  hand_over();
  const std::lock_guard lock(mutex_);
  if (failed_) {
    flushed();
    return;
  }
  flushes_.push_back(std::move(flushed));
  flush_up_to_ = taken_ + queue_.size();
  wake_at_once();
}

void CommitThread::run() {
  ::pthread_setname_np(::pthread_self(), "commit");
  space_.take_ballast_if_due();
  while (true) {
    Work work;
    {
      std::unique_lock lock(mutex_);
      while (!is_due() && wake_.wait_until(lock, next_look()) == std::cv_status::no_timeout) {
      }
      if (stop_ && queue_.empty() && pending_.empty() && flushes_.empty() && tasks_.empty()) break;
      work = take();
    }
    write(work);
    if (has_failed()) return;
    sync_if_due();
    if (has_failed()) return;
    space_.take_ballast_if_due();
  }
  if (not_synced_ && slot_.store) static_cast<void>(slot_.store->sync());
}

bool CommitThread::has_failed() {
  const std::lock_guard lock(mutex_);
  return failed_;
}

bool CommitThread::is_due() const {
  return stop_ || urgent_ || !queue_.empty() ||
         (!pending_.empty() && Clock::now() >= last_commit_ + bookkeeping_interval);
}

CommitThread::Clock::time_point CommitThread::next_look() const {
  const auto now = Clock::now();
  auto look = space_.ballast_due();
  if (settings_.sync == config::SyncMode::interval && not_synced_)
    look = std::min(look, last_sync_ + settings_.sync_interval);
  // What is acknowledged does not wake the thread: it looks by itself.
  return std::max(now, std::min(look, std::max(now, last_commit_) + bookkeeping_interval));
}

CommitThread::Work CommitThread::take() {
  Work work;
  std::uint64_t bytes = 0;
  while (!queue_.empty() && bytes < max_batch_bytes) {
    bytes += queue_.front()->size_bytes();
    work.events.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  queue_bytes_ -= bytes;
  taken_ += work.events.size();
  note_queue();
  work.commit = std::exchange(pending_, {});
  // A flush is through when everything before it is.
  if (taken_ >= flush_up_to_) work.flushes = std::exchange(flushes_, {});
  work.tasks = std::exchange(tasks_, {});
  urgent_ = !flushes_.empty();
  if (room_wanted_ && queue_bytes_ <= settings_.queue_bytes / 2 && queue_.size() <= max_queue_events / 2) {
    room_wanted_ = false;
    listener_.room();
  }
  return work;
}

/// Events wait while little space is left: as long as the store can be written to, what is delivered or given up can
/// be removed from it, and sinks can read. What is left is for the last events, and for those that a flush waits for:
/// nothing is flushed but before the end. False: nothing is written any more.
bool CommitThread::hold_back_for_space(Work& work) {
  if (space_.has_reserve() || may_use_reserve(work)) return true;
  held_back_ = work.events.size();
  for (bool held_ballast = space_.release_ballast(); !space_.has_reserve(space_to_go_on);
       held_ballast = space_.release_ballast()) {
    in_trouble_ = true;
    listener_.disk_full(space_.shortage(), !held_ballast);
    {
      std::unique_lock lock(mutex_);
      if (wake_.wait_for(lock, full_disk_pause, [&] { return is_wanted_now(work); })) break;
      move_bookkeeping(work.commit);
    }
    std::uint64_t bytes = 0;
    in_trouble_ = false;  // nothing has recovered by this
    if (!write_until_it_holds(work.commit, bytes)) return false;
    in_trouble_ = true;
    static_cast<void>(slot_.store->free_space());
    work.commit = {};
  }
  held_back_ = 0;
  return true;
}

bool CommitThread::may_use_reserve(const Work& work) {
  const std::lock_guard lock(mutex_);
  return is_wanted_now(work);
}

/// Under `mutex_`. Events that came behind a flush are none of its.
bool CommitThread::is_wanted_now(const Work& work) const { return stop_ || taken_ - work.events.size() < flush_up_to_; }

void CommitThread::number(Work& work) {
  const SpoolId id = slot_.store->id();
  work.commit.events.reserve(work.events.size());
  for (auto& event : work.events) {
    event->accept(next_, id);
    next_ = next_.next();
    work.commit.events.push_back(std::move(event));
  }
}

void CommitThread::write(Work& work) {
  const auto begun = Clock::now();
  busy_since_ = begun.time_since_epoch().count();
  std::uint64_t bytes = 0;
  bool written = work.events.empty() || hold_back_for_space(work);
  if (written) {
    number(work);
    written = work.commit.empty() || write_until_it_holds(work.commit, bytes);
  }
  for (const auto& task : work.tasks) task(written ? slot_.store.get() : nullptr);
  last_commit_ = Clock::now();
  busy_since_ = 0;
  if (written && !work.commit.events.empty())
    listener_.committed(std::move(work.commit.events), bytes, last_commit_ - begun);
  for (const auto& flushed : work.flushes) flushed();
}

bool CommitThread::write_until_it_holds(Commit& commit, std::uint64_t& bytes) {
  std::vector<EventPtr> there_already;
  for (int failures = 1;; ++failures) {
    const auto written = slot_.store->write(commit, has_news(commit) && settings_.sync == config::SyncMode::always);
    if (written) {
      bytes += *written;
      break;
    }
    if (!recover(written.error(), failures, commit)) return false;
    if (!is_written_already(commit)) continue;
    for (const auto& event : commit.events) bytes += event->size_bytes();
    there_already = std::exchange(commit.events, {});
  }
  if (has_news(commit) && settings_.sync == config::SyncMode::interval) not_synced_ = true;
  if (!there_already.empty()) commit.events = std::move(there_already);
  for (const auto& [sink, letter] : commit.letters) {
    const auto dropped = slot_.store->letters().bound(sink, settings_.dead_letter_bytes);
    if (dropped && *dropped > 0) listener_.letters_dropped(sink, *dropped);
  }
  if (std::exchange(in_trouble_, false)) listener_.recovered(slot_.store->damages());
  return true;
}

/// Whether there is an open store again. `failures`: of this commit, one behind the other.
bool CommitThread::recover(const Error& error, int failures, Commit& commit) {
  in_trouble_ = true;
  if (is_full_disk(error)) return wait_for_space(error, failures > 1, commit);
  return open_anew(error, commit);
}

bool CommitThread::open_anew(const Error& error, Commit& commit) {
  if (last_failure_ && Clock::now() < *last_failure_ + failure_memory) {
    give_up(error, commit);
    return false;
  }
  last_failure_ = Clock::now();
  listener_.write_failed(error);
  const auto opened = reopen();
  if (opened) return true;
  if (is_full_disk(opened.error())) return wait_for_space(opened.error(), false, commit);
  give_up(opened.error(), commit);
  return false;
}

bool CommitThread::wait_for_space(const Error& error, bool in_vain, Commit& commit) {
  const bool held_ballast = space_.release_ballast();
  listener_.disk_full(error, in_vain && !held_ballast);
  while (true) {
    {
      std::unique_lock lock(mutex_);
      if (wake_.wait_for(lock, full_disk_pause, [this] { return stop_; })) {
        lock.unlock();
        give_up(error, commit);
        return false;
      }
      // What is to be removed may be what makes the write possible, and comes with the letters and the cursors that
      // allow it.
      move_bookkeeping(commit);
    }
    const auto opened = reopen();
    if (opened) return true;
    if (!is_full_disk(opened.error())) return open_anew(opened.error(), commit);
  }
}

/// Under `mutex_`.
void CommitThread::move_bookkeeping(Commit& commit) {
  for (const auto& [sink, position] : std::exchange(pending_.cursors, {})) commit.cursors[sink] = position;
  for (auto& [sink, held_back] : std::exchange(pending_.held_back, {})) commit.held_back[sink] = std::move(held_back);
  for (const auto& [pbx, mark] : std::exchange(pending_.streams, {})) commit.streams[pbx] = mark;
  move_behind(commit.letters, pending_.letters);
  move_behind(commit.letters_taken, pending_.letters_taken);
  for (auto& [number, gap] : std::exchange(pending_.gaps, {})) commit.put_gap(number, std::move(gap));
  for (auto& [sink, runs] : std::exchange(pending_.unconfirmed, {})) commit.unconfirmed[sink] = std::move(runs);
  move_behind(commit.closed_segments, pending_.closed_segments);
  move_behind(commit.removed_segments, pending_.removed_segments);
}

Result<void> CommitThread::reopen() {
  const std::unique_lock lock(slot_.mutex);
  // The failed write may have reached the disk or not. Opening replays what is there and writes it anew, to a file that
  // is synced before it counts.
  slot_.store.reset();
  not_synced_ = false;
  auto opened = BatchStore::open(settings_.directory, BatchStore::Access::write, next_.start_epoch());
  if (!opened) return opened.error();
  slot_.store = std::move(opened.value());
  next_ = Sequence::first_of(slot_.store->start_epoch());
  return {};
}

bool CommitThread::is_written_already(const Commit& commit) const {
  return !commit.events.empty() && slot_.store->last() >= commit.events.back()->sequence();
}

void CommitThread::sync_if_due() {
  if (!not_synced_ || Clock::now() < last_sync_ + settings_.sync_interval) return;
  last_sync_ = Clock::now();
  not_synced_ = false;
  const auto synced = slot_.store->sync();
  if (synced) return;
  Commit bookkeeping;
  std::uint64_t bytes = 0;
  if (recover(synced.error(), 1, bookkeeping)) static_cast<void>(write_until_it_holds(bookkeeping, bytes));
}

void CommitThread::give_up(const Error& error, const Commit& commit) {
  std::vector<std::function<void()>> flushes;
  std::vector<Task> tasks;
  std::uint64_t lost = commit.events.size() + held_back_;
  {
    const std::lock_guard lock(mutex_);
    failed_ = true;
    note_queue();
    lost += queue_.size();
    flushes = std::exchange(flushes_, {});
    tasks = std::exchange(tasks_, {});
  }
  for (const auto& task : tasks) task(nullptr);
  listener_.failed_for_good(error, lost);
  for (const auto& flushed : flushes) flushed();
}

}  // namespace pbxbridge::spool
