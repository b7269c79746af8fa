#include "spool/log/commit_thread.hpp"

#include "pbxbridge/event.hpp"
#include "spool/store/storage_cause.hpp"

#include <algorithm>
#include <iterator>
#include <mutex>
#include <pthread.h>
#include <set>
#include <unordered_map>
#include <utility>

namespace pbxbridge::spool {

namespace {

constexpr std::chrono::milliseconds full_disk_pause{500};
/// Beyond the reserve, before writing goes on: so that it does not stop again at once.
constexpr std::uint64_t space_to_go_on = 1024 * 1024;
/// A second failure that comes so soon is taken to be a disk that is broken.
constexpr std::chrono::hours failure_memory{1};

/// Time for which events may be written to where nobody will find them.
constexpr std::chrono::seconds watch_interval{1};

/// Cursors alone need no fsync: lost, they lead to events delivered twice, and nothing else. Removals do: files go for
/// good by them, and whoever had not acknowledged what was in these is to be told.
bool has_news(const Commit& commit) {
  return !commit.events.empty() || !commit.letters.empty() || !commit.gaps.empty() || !commit.unacknowledged.empty() ||
         !commit.removed_segments.empty() || !commit.table_changes.empty();
}

}  // namespace

CommitThread::CommitThread(Settings settings, StoreWatch& watch, StoreSlot& slot, CommitQueue& queue,
                           CommitListener& listener)
    : settings_(std::move(settings)),
      slot_(slot),
      queue_(queue),
      listener_(listener),
      id_(slot.store->id()),
      watch_(watch),
      next_(Sequence::first_of(slot.store->start_epoch())),
      space_(settings_.directory, settings_.ballast_bytes),
      thread_([this] { run(); }) {}

CommitThread::~CommitThread() {
  queue_.stop();
  thread_.join();
}

void CommitThread::use_settings(const Settings& settings) {
  queue_.run_on_store([this, settings](BatchStore* store) {
    if (store != nullptr) settings_ = settings;
  });
}

std::chrono::nanoseconds CommitThread::under_way() const {
  const auto since = busy_since_.load();
  if (since == 0) return {};
  return Clock::now().time_since_epoch() - Clock::duration(since);
}

void CommitThread::run() {
  ::pthread_setname_np(::pthread_self(), "commit");
  space_.take_ballast_if_due();
  while (auto work = queue_.take(last_commit_, next_look())) {
    if (work->makes_room) listener_.room();  // before the write, which may take long
    write(*work);
    if (failed_) return;
    sync_if_due();
    if (failed_) return;
    space_.take_ballast_if_due();
  }
  if (not_synced_ && slot_.store) static_cast<void>(slot_.store->sync());
}

CommitThread::Clock::time_point CommitThread::next_look() const {
  const auto look = space_.ballast_due();
  if (settings_.sync != config::SyncMode::interval || !not_synced_) return look;
  return std::min(look, last_sync_ + settings_.sync_interval);
}

/// False: nothing is written any more.
bool CommitThread::look_after_files(Work& work) {
  if (Clock::now() < next_watch_ && work.flushes.empty()) return true;
  next_watch_ = Clock::now() + watch_interval;
  waiting_for_space_ = work.events.size();
  const bool usable = open_what_was_left(work.commit).value_or(true);
  waiting_for_space_ = 0;
  if (usable && std::exchange(in_trouble_, false)) listener_.recovered();
  return usable;
}

/// Returns whether there is an open store again; nothing where no file was removed. As often as it takes: the disk is
/// sound.
std::optional<bool> CommitThread::open_what_was_left(Commit& commit) {
  if (const auto gone = watch_.spool_is_gone()) {
    files_are_gone_ = true;
    end_for_good(*gone, commit);
    return false;
  }
  const auto removed = watch_.store_is_damaged(*slot_.store);
  if (!removed) return std::nullopt;
  in_trouble_ = files_are_gone_ = true;
  listener_.files_removed(*removed);
  // Tables take what only a removed log held.
  if (!watch_.store_is_replaced()) static_cast<void>(slot_.store->flush());
  const auto opened = reopen(*removed, commit);
  if (opened) return true;
  if (is_shortage(opened.error().cause)) return wait_until_given(opened.error(), false, commit);
  end_for_good(opened.error(), commit);
  return false;
}

/// Events wait while little space is left: as long as the store can be written to, what is delivered or given up can
/// be removed from it, and sinks can read. What is left is for the last events, and for those that a flush waits for:
/// nothing is flushed but before the end. False: nothing is written any more.
bool CommitThread::wait_for_space(Work& work) {
  if (space_.has_reserve() || queue_.is_wanted_now(work)) return true;
  waiting_for_space_ = work.events.size();
  for (bool held_ballast = space_.release_ballast(); !space_.has_reserve(space_to_go_on);
       held_ballast = space_.release_ballast()) {
    in_trouble_ = true;
    listener_.disk_full(space_.shortage(), !held_ballast);
    if (queue_.wait_until_wanted(work, full_disk_pause)) break;
    queue_.move_bookkeeping(work.commit);
    std::uint64_t bytes = 0;
    in_trouble_ = false;  // nothing has recovered by this
    if (!write_until_it_holds(work.commit, bytes)) return false;
    in_trouble_ = true;
    static_cast<void>(slot_.store->free_space());
    work.commit = {};
  }
  waiting_for_space_ = 0;
  return true;
}

void CommitThread::number(Work& work) {
  work.commit.events.reserve(work.events.size());
  for (const auto& event : work.events) {
    event->accept(next_, id_);
    next_ = next_.next();
  }
  for (auto& [begin, end, causes, changes, bytes] : work.derivations) {
    auto place = end - causes.size();
    for (const Event* const cause : causes) {
      if (cause) work.events[place]->name_cause(*cause);
      ++place;
    }
    for (auto& [key, row] : changes) work.commit.table_changes.insert_or_assign(std::move(key), std::move(row));
  }
  std::ranges::move(work.events, std::back_inserter(work.commit.events));
}

void CommitThread::write(Work& work) {
  const auto begun = Clock::now();
  busy_since_ = begun.time_since_epoch().count();
  std::uint64_t bytes = 0;
  bool written = look_after_files(work) && (work.events.empty() || wait_for_space(work));
  if (written) {
    number(work);
    written = work.commit.empty() || write_until_it_holds(work.commit, bytes);
  }
  if (written && slot_.store) slot_.store->note();
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
  if (std::exchange(in_trouble_, false)) listener_.recovered();
  return true;
}

/// Returns whether there is an open store again. `failures`: of this commit, one after the other.
bool CommitThread::recover(const Error& error, int failures, Commit& commit) {
  in_trouble_ = true;
  if (const auto usable = open_what_was_left(commit)) return *usable;
  if (is_shortage(error.cause)) return wait_until_given(error, failures > 1, commit);
  return open_anew(error, commit);
}

bool CommitThread::open_anew(const Error& error, Commit& commit) {
  if (last_failure_ && Clock::now() < *last_failure_ + failure_memory) {
    end_for_good(error, commit);
    return false;
  }
  last_failure_ = Clock::now();
  listener_.write_failed(error);
  const auto opened = reopen(error, commit);
  if (opened) return true;
  if (is_shortage(opened.error().cause)) return wait_until_given(opened.error(), false, commit);
  end_for_good(opened.error(), commit);
  return false;
}

void CommitThread::tell_shortage(const Error& shortage, bool in_vain) {
  if (shortage.cause != StorageCause::full) return listener_.denied(shortage);
  const bool held_ballast = space_.release_ballast();
  listener_.disk_full(shortage, in_vain && !held_ballast);
}

bool CommitThread::wait_until_given(Error shortage, bool in_vain, Commit& commit) {
  tell_shortage(shortage, in_vain);
  while (true) {
    if (queue_.wait_until_stopped(full_disk_pause)) {
      end_for_good(shortage, commit);
      return false;
    }
    // Removals may be what makes the write possible, and come with the letters and the cursors that
    // allow it.
    queue_.move_bookkeeping(commit);
    const auto opened = reopen(shortage, commit);
    if (opened) return true;
    if (!is_shortage(opened.error().cause)) return open_anew(opened.error(), commit);
    if (opened.error().cause == shortage.cause) continue;
    shortage = opened.error();
    tell_shortage(shortage, false);
  }
}

/// `failure`: why. `commit`: what is written next.
Result<void> CommitThread::reopen(const Error& failure, Commit& commit) {
  const std::unique_lock lock(slot_.mutex);
  // The failed write may have reached the disk or not. Opening replays what is there and writes it again, to a file
  // that is synced before it counts.
  close();
  if (const auto gone = watch_.spool_is_gone()) {  // opening would make it again
    files_are_gone_ = true;
    return *gone;
  }
  auto opened =
      BatchStore::open(settings_.directory, BatchStore::Access::write, {.start_epoch = next_.start_epoch(), .id = id_});
  if (!opened) return opened.error();
  slot_.store = std::move(opened.value());
  watch_.store_opened();
  files_are_gone_ = false;
  next_ = Sequence::first_of(slot_.store->start_epoch());
  restore_gaps();
  restore_rows(commit);
  listener_.reopened({.segments = slot_.store->segments(),
                      .damages = slot_.store->damages(),
                      .failure = failure.text,
                      .lost_letters = lost_letters()});
  return {};
}

/// Notes of a store that was not open are those of an earlier attempt.
void CommitThread::close() {
  if (!slot_.store) return;
  notes_ = {.gaps = slot_.store->gaps(), .letters = slot_.store->letters().counts(), .rows = {}};
  if (auto rows = slot_.store->tables()) notes_.rows = std::move(rows.value());
  if (watch_.store_is_replaced()) slot_.store->leave_files();
  slot_.store.reset();
  not_synced_ = false;
}

/// A failure means a broken store, which the next commit finds.
void CommitThread::restore_gaps() {
  std::set<std::uint64_t> stored;
  for (const auto& [number, gap] : slot_.store->gaps()) stored.insert(number);
  Commit missing;
  for (auto& [number, gap] : notes_.gaps)
    if (!stored.contains(number)) missing.put_gap(number, std::move(gap));
  if (!missing.empty()) static_cast<void>(slot_.store->write(missing, true));
}

/// Memory knows what the tables are made from, whatever the disk says. The rows that it has in another way are written
/// with the commit, which may be in the store already, with its own rows.
void CommitThread::restore_rows(Commit& commit) {
  const auto known = std::exchange(notes_.rows, std::nullopt);
  const auto stored = slot_.store->tables();
  if (!known || !stored) return;
  std::unordered_map<std::string, std::string> there;
  for (const auto& [key, row] : *stored) there.emplace(key, row);
  for (const auto& [key, row] : *known) {
    const auto found = there.find(key);
    if (found == there.end() || found->second != row) commit.table_changes.try_emplace(key, row);
    if (found != there.end()) there.erase(found);
  }
  for (const auto& [key, row] : there) commit.table_changes.try_emplace(key, std::nullopt);
}

std::map<std::string, std::uint64_t> CommitThread::lost_letters() const {
  auto found = slot_.store->letters().counts();
  std::map<std::string, std::uint64_t> lost;
  for (const auto& [sink, count] : notes_.letters)
    if (found[sink].letters < count.letters) lost[sink] = count.letters - found[sink].letters;
  return lost;
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

void CommitThread::end_for_good(const Error& error, const Commit& commit) {
  failed_ = true;
  if (files_are_gone_ && slot_.store) slot_.store->leave_files();
  const auto remains = queue_.fail();
  for (const auto& task : remains.tasks) task(nullptr);
  listener_.failed_for_good(error, commit.events.size() + waiting_for_space_ + remains.events, files_are_gone_);
  for (const auto& flushed : remains.flushes) flushed();
}

}  // namespace pbxbridge::spool
