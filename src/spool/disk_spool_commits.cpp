// Reactions of the spool to its commit thread.

#include "spool/disk_spool.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace pbxbridge::spool {

namespace {

namespace log_code = observe::log_code;

/// Clause about what `CommitListener::denied` waits for.
std::string_view end_of_shortage(StorageCause cause) {
  switch (cause) {
    case StorageCause::file_size:
      return "it may write larger files again (prlimit --fsize)";
    case StorageCause::descriptors:
      return "more files may be open again (prlimit --nofile)";
    default:
      return "there is memory again";
  }
}

}  // namespace

void DiskSpool::committed(std::vector<EventPtr> events, std::uint64_t bytes, std::chrono::nanoseconds took) {
  metrics_.commit_seconds.add(std::chrono::duration<double>(took).count());
  post([this, events = std::move(events), bytes]() mutable { add_committed(std::move(events), bytes); });
}

void DiskSpool::room() {
  post([this] {
    gaps_.end_rejections(GapReason::overload);
    if (on_room_) on_room_();
  });
}

void DiskSpool::disk_full(const Error& error, bool in_vain) {
  post([this, error, in_vain] {
    office_->reject_changes({error.category,
                             "the disk of the spool is full, so that nothing can be changed until there "
                             "is space; ask again then"});
    const bool was_denied = std::exchange(denied_, StorageCause::other) != StorageCause::other;
    if (std::exchange(writable_, false) || was_denied)
      log_.write(log_code::spool_disk_full, "", error.text + "; nothing can be written until there is space");
    metrics_.writable.set(0);
    remove_done();
    make_room_of_removed_sinks();
    if (!in_vain) return;
    if (const auto cut = retention_.room_on_full_disk(index_, std::chrono::steady_clock::now()))
      drop_up_to(*cut, DropReason::spool_full);
  });
}

void DiskSpool::denied(const Error& error) {
  post([this, error] {
    const bool is_told = !writable_ && denied_ == error.cause;
    denied_ = error.cause;
    pause_writing("the system denies the spool what a write needs");
    if (!is_told)
      log_.write(log_code::spool_denied, "",
                 fmt::format("{}; nothing can be written until {}", error.text, end_of_shortage(error.cause)));
  });
}

void DiskSpool::pause_writing(const std::string& why) {
  writable_ = false;
  office_->reject_changes({ErrorCategory::storage, why + ", and it is being opened again; ask again"});
  metrics_.writable.set(0);
}

void DiskSpool::write_failed(const Error& error) {
  post([this, error] {
    pause_writing("a write to the spool has failed");
    log_.write(log_code::spool_write_failed, "", error.text + "; the spool is closed, checked and opened again, once");
  });
}

void DiskSpool::files_removed(const Error& error) {
  post([this, error] {
    pause_writing("files of the spool were removed");
    log_.write(log_code::spool_files_removed, "",
               error.text + " while pbxbridge was using it; what is left is checked and opened again");
  });
}

void DiskSpool::reopened(ReopenedStore store) {
  post([this, store = std::move(store)] {
    account_for(store);
    store_bookkeeping();
    for (const auto& [sink, letters] : store.lost_letters) {
      log_.write(log_code::spool_damaged, "sink " + sink,
                 "dead letters were lost with the files that held them; they are counted as dropped",
                 {{"letters", std::to_string(letters)}});
      tell_letters(sink, letters, DropReason::corrupted);
    }
  });
}

/// Committed events are known here, whatever the disk says: what the store itself misses of them is reported once.
void DiskSpool::account_for(const ReopenedStore& store) {
  const SegmentIndex before = index_;
  const auto missing = index_.keep_only(store.segments);
  if (!missing.empty()) losses_.removed(missing, before, index_, newest_.take(), store.failure);
  for (const Damage& damage : store.damages) {
    const bool is_reported = std::ranges::any_of(missing, [&damage](const Segment& events) {
      return damage.after < events.last && (damage.before.value == 0 || events.first < damage.before);
    });
    if (is_reported)
      commits_.forget(damage);
    else
      losses_.damaged(damage, before);
  }
}

/// The store may have been made again.
void DiskSpool::store_bookkeeping() {
  for (const SinkCursor& cursor : cursors_) {
    if (cursor.is_free) continue;
    if (cursor.removed_since) commits_.mark_removed(cursor.sink, cursor.removed_since);
    commits_.acknowledge(cursor.sink, cursor.acknowledged);
    commits_.remember_deferred(cursor.sink, cursor.deferred);
    commits_.keep_unacknowledged(cursor.sink, cursor.unacknowledged.runs());
  }
  gap_watch_.store_again();
  commits_.mark(gap_watch_.take_changes(committed_up_to()));
}

void DiskSpool::recovered() {
  post([this] {
    writable_ = true;
    denied_ = StorageCause::other;
    office_->take_changes();
    metrics_.writable.set(1);
    log_.write(log_code::spool_recovered, "", "the spool accepts events again");
    if (on_readable_) on_readable_();
  });
}

std::string DiskSpool::not_acknowledged() const {
  std::string text;
  for (const SinkCursor& cursor : cursors_) {
    if (!cursor.is_open()) continue;
    text += fmt::format("{}{} of sink {}", text.empty() ? "" : ", ",
                        events_not_done(index_, cursor.acknowledged, cursor.deferred) + cursor.lost_at_the_end(),
                        cursor.sink);
  }
  return text;
}

void DiskSpool::failed_for_good(const Error& error, std::uint64_t lost_events, bool files_are_gone) {
  post([this, error, lost_events, files_are_gone] {
    writable_ = false;
    metrics_.writable.set(0);
    std::string text =
        fmt::format("{}; {} events that had been read from the PBX are not written", error.text, lost_events);
    if (files_are_gone)
      text += fmt::format("; events that were accepted and not acknowledged are lost unless these files come back: {}",
                          not_acknowledged());
    if (on_failure_) on_failure_({error.category, text});
  });
}

void DiskSpool::letters_dropped(const std::string& sink, std::uint64_t letters) {
  post([this, sink, letters] {
    log_.write(log_code::spool_dead_letters_dropped, "sink " + sink,
               "the dead letters take more than spool.dead_letters_max_size, the oldest were dropped",
               {{"letters", std::to_string(letters)}});
    tell_letters(sink, letters, DropReason::dead_letters_full);
  });
}

void DiskSpool::tell_letters(const std::string& sink, std::uint64_t letters, DropReason reason) {
  for (CursorId id = 0; id < cursors_.size(); ++id)
    if (cursors_[id].sink == sink) losses_.tell({id, letters, reason});
}

}  // namespace pbxbridge::spool
