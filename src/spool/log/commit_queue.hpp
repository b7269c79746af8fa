#pragma once

#include "pbxbridge/event_id.hpp"
#include "pbxbridge/event_ptr.hpp"
#include "spool/derivation.hpp"
#include "spool/store/batch_store.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace pbxbridge::spool {

/// Work of the io thread for the commit thread: events, and the bookkeeping that goes to the disk with them. Bounded
/// by the bytes and the number of the events; the bookkeeping is small, and bounded by what it is about. For one commit
/// thread: what was stopped or has failed stays so.
class CommitQueue {
 public:
  using Clock = std::chrono::steady_clock;
  using Task = std::function<void(BatchStore*)>;
  /// A derivation among events: they are taken together.
  struct Derived {
    std::uint64_t begin = 0;           ///< place of its first cause, or of the first derived event where there is none
    std::uint64_t end = 0;             ///< after its last event
    std::vector<const Event*> causes;  ///< of the derived events, which are the last of these; null: there is none
    std::vector<TableChange> changes;
    std::uint64_t changed_bytes = 0;
  };
  struct Work {
    std::vector<NewEventPtr> events;
    std::vector<Derived> derivations;  ///< in the order of their events, by their place in these
    Commit commit;                     ///< the bookkeeping; without events and what belongs to them
    std::vector<std::function<void()>> flushes;
    std::vector<Task> tasks;
    bool makes_room = false;  ///< after `ask_for_room`
  };
  /// Remainder when nothing is written any more.
  struct Remains {
    std::uint64_t events = 0;
    std::vector<std::function<void()>> flushes;
    std::vector<Task> tasks;
  };

  explicit CommitQueue(std::uint64_t max_bytes) : max_bytes_(max_bytes) {}

  // Calls on the io thread. None of these waits for the disk.

  /// False: the queue is full, nothing was taken. Otherwise `hand_off` must follow in this turn of the io loop. What is
  /// derived may go beyond the bounds, by as much as follows from the events of a batch. `cause` may be null.
  [[nodiscard]] bool append(NewEventPtr& cause, Derivation&& derivation = {});
  // Calls of `EventAppender`.
  void set_derive(std::function<Derivation()> derive);
  void expect_derived() { derivation_expected_ = true; }
  void derive_now();
  /// Hands appended events off to the commit thread: a lock and a wake-up for many events.
  void hand_off();
  /// Called after a turn of the io loop in which events were appended. Hands them off, unless something is to be
  /// derived from them and turns still bring more: the more events, the less follows from each. False: to be called
  /// after the next turn again.
  [[nodiscard]] bool end_turn();
  void set_max_bytes(std::uint64_t max_bytes);
  /// Returns whether `append` would take an event now.
  bool takes_more() const;
  /// False while seven eighths of the queue are taken: pause the source of the latest event. Others may append.
  bool has_room() const;
  /// `Work::makes_room` follows. False: there is room already, and nothing follows.
  bool ask_for_room();

  // Stored with the next commit, or within 200 ms.
  void acknowledge(const std::string& sink, Sequence position);
  void remember_deferred(const std::string& sink, DeferredDeliveries deferred);
  /// The sink is not in the configuration any more; nothing: it is again.
  void mark_removed(const std::string& sink, std::optional<SystemTime> since);
  /// Nothing is to be known of the sink any more but its dead letters.
  void forget_sink(const std::string& sink);
  void close_segment(const Segment& segment);
  void remove(const std::vector<Segment>& segments);
  void mark(const SubscribedUntilByPbx& streams);
  /// The store need not tell it again: it was told by another gap.
  void forget(const Damage& damage);
  /// Every sink's cursor was acknowledged once.
  void complete_cursors();
  // Stored with the next commit, at once. Replaces what was kept of this sink before; not later than what is removed
  // after this call.
  void keep_unacknowledged(const std::string& sink, UnacknowledgedRuns runs);
  void bury(const std::string& sink, DeadLetter letter);
  void forget(const std::string& sink, DeadLetter letter);
  /// `streams`: in the same commit as the gap.
  void record(std::uint64_t number, Gap gap, const SubscribedUntilByPbx& streams);
  /// Runs it on the commit thread, between two commits. With null where there is no store any more, then within this
  /// call: it must not call the queue.
  void run_on_store(Task task);
  /// Calls back, on the commit thread, when all that came before is written or was given up. Where nothing is written
  /// any more, within this call: it must not call the queue. It is for the end: where little space is left, it is used
  /// up for it.
  void flush(std::function<void()> flushed);
  /// No more comes: what is queued is taken, then nothing.
  void stop();

  // Calls on the commit thread.

  /// Waits for events, for what is urgent, or for bookkeeping that is due since `last_commit`; not beyond `until`, and
  /// 200 ms at most: then there may be nothing in it. Nothing at all after `stop`, when all was taken.
  std::optional<Work> take(Clock::time_point last_commit, Clock::time_point until);
  /// Returns whether taken work is to be written whatever space is left: at the end, or because a flush waits for it.
  bool is_wanted_now(const Work& work);
  /// The same, after waiting for it for at most so long.
  bool wait_until_wanted(const Work& work, std::chrono::milliseconds timeout);
  /// Returns whether `stop` was called, within so long.
  bool wait_until_stopped(std::chrono::milliseconds timeout);
  /// Bookkeeping that came meanwhile joins a commit that was taken before.
  void move_bookkeeping(Commit& commit);
  /// Is full from now on, and answers at once what it is asked for.
  Remains fail();

 private:
  void push(NewEventPtr&& event);
  void push(std::uint64_t begin, const Event* cause, Derivation&& derivation);
  std::uint64_t appended_ever() const { return handed_off_ + appended_.size(); }
  bool are_many_appended() const;
  bool is_full() const;
  bool seems_filled(std::uint64_t bytes, std::size_t events) const;
  bool is_filled(std::uint64_t bytes, std::size_t events) const;
  void note_queue();
  void wake_at_once();
  bool is_due(Clock::time_point last_commit) const;
  bool is_wanted(const Work& work) const;
  bool is_empty() const;
  Work take_some();
  std::uint64_t take_event(Work& work);
  std::uint64_t take_derivation(Work& work);

  // State of the io thread alone.
  std::vector<NewEventPtr> appended_;          // not yet handed off
  std::vector<Derived> appended_derivations_;  // likewise, by place in all that were ever appended
  std::uint64_t handed_off_ = 0;               // events that ever were
  std::uint64_t appended_bytes_ = 0;
  std::function<Derivation()> derive_;
  bool derivation_expected_ = false;
  std::uint64_t derived_up_to_ = 0;  // place after the events that `derive_` was asked about
  std::size_t appended_before_turn_ = 0;
  int quiet_turns_ = 0;           // in succession
  Clock::time_point first_turn_;  // when the first event not yet handed off came

  // Copies of what is under mutex_, for a look without it. They may lag behind what the commit thread takes.
  std::atomic<std::uint64_t> seen_queue_bytes_ = 0;
  std::atomic<std::size_t> seen_queue_events_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::uint64_t max_bytes_;        // written by the io thread alone, under mutex_
  std::deque<NewEventPtr> queue_;  // under mutex_, as the following
  std::deque<Derived> derivations_;
  std::uint64_t queue_bytes_ = 0;
  Commit pending_;
  std::vector<std::function<void()>> flushes_;
  std::vector<Task> tasks_;
  std::uint64_t taken_ = 0;        // events that were ever taken from the queue
  std::uint64_t flush_up_to_ = 0;  // so many of them are to be written for the flushes
  bool urgent_ = false;
  bool room_wanted_ = false;
  bool stop_ = false;
  bool failed_ = false;
};

}  // namespace pbxbridge::spool
