#pragma once

#include "config/config.hpp"
#include "pbxbridge/error.hpp"
#include "spool/batch_store.hpp"
#include "spool/disk_space.hpp"
#include "spool/store_slot.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace pbxbridge::spool {

/// What the commit thread has to say. Called on that thread: hand over and return.
class CommitListener {
 public:
  /// These events are as durable as `sync` promises. `bytes`: what they take on the disk.
  virtual void committed(std::vector<EventPtr> events, std::uint64_t bytes, std::chrono::nanoseconds took) = 0;
  /// There is room again after `has_room` returned false.
  virtual void room() = 0;
  /// The disk is full; said again while events are held back for it, not while a write waits that has failed.
  /// `in_vain`: what was kept aside is used up, so that something has to go.
  virtual void disk_full(const Error& error, bool in_vain) = 0;
  /// A write failed. The store is closed, checked and opened again, once.
  virtual void write_failed(const Error& error) = 0;
  /// Writes succeed again.
  virtual void recovered(const std::vector<Damage>& damages) = 0;
  /// Nothing will be written any more in this process, and so many events that were taken are not.
  virtual void failed_for_good(const Error& error, std::uint64_t lost_events) = 0;
  /// The bound on a sink's dead letters made room.
  virtual void letters_dropped(const std::string& sink, std::uint64_t letters) = 0;

 protected:
  ~CommitListener() = default;
};

/// Writes to the store: takes what has gathered, at most 1 MiB, as one commit with one fsync, and again.
/// Gives each event its sequence. Everything but the listener's methods is called on the io thread and never waits for
/// the disk.
class CommitThread {
 public:
  struct Settings {
    std::filesystem::path directory;
    config::SyncMode sync = config::SyncMode::always;
    std::chrono::milliseconds sync_interval{100};
    std::uint64_t queue_bytes = 0;
    std::uint64_t dead_letter_bytes = 0;  ///< for each sink
    std::uint64_t ballast_bytes = 0;
  };

  /// The slot holds an open store.
  CommitThread(Settings settings, StoreSlot& slot, CommitListener& listener);
  /// Writes what is queued, unless the disk does not take it.
  ~CommitThread();
  CommitThread(const CommitThread&) = delete;
  CommitThread& operator=(const CommitThread&) = delete;

  /// False: the queue is full, the event was not taken. Otherwise `hand_over` must follow in this turn of the io loop.
  [[nodiscard]] bool append(NewEventPtr& event);
  /// What was appended is the thread's from now on: a lock and a wake-up for many events.
  void hand_over();
  /// False while seven eighths of the queue are taken: hold back the source of the latest event. Others may append.
  bool has_room();

  // With the next commit, or within 200 ms.
  void acknowledge(const std::string& sink, Sequence position);
  void hold_back(const std::string& sink, HeldBack held_back);
  void close_segment(const Segment& segment);
  void remove(const std::vector<Segment>& segments);
  void mark(const StreamMarks& streams);
  // With the next commit, at once.
  /// In place of what was kept of this sink before; not later than what is removed after this call.
  void keep_unconfirmed(const std::string& sink, UnconfirmedRuns runs);
  void bury(const std::string& sink, DeadLetter letter);
  void forget(const std::string& sink, DeadLetter letter);
  /// `streams`: in the same commit as the gap.
  void record(std::uint64_t number, Gap gap, const StreamMarks& streams);
  using Task = std::function<void(BatchStore*)>;
  /// Runs it on the commit thread, between two commits; with null where there is no store any more.
  void run_on_store(Task task);
  /// How long what is being written has taken up to now; 0 where nothing is. Any thread.
  std::chrono::nanoseconds under_way() const;
  /// Calls back, on the commit thread, when all that came before is written or was given up. It is for the end: where
  /// little space is left, it is used up for it.
  void flush(std::function<void()> flushed);

 private:
  using Clock = std::chrono::steady_clock;
  struct Work {
    Commit commit;
    std::vector<NewEventPtr> events;
    std::vector<std::function<void()>> flushes;
    std::vector<Task> tasks;
  };

  void run();
  bool has_failed();
  bool is_full();
  bool seems_taken(std::uint64_t bytes, std::size_t events) const;
  bool is_taken(std::uint64_t bytes, std::size_t events) const;
  void note_queue();
  void wake_at_once();
  bool is_due() const;
  Clock::time_point next_look() const;
  Work take();
  void number(Work& work);
  bool hold_back_for_space(Work& work);
  bool may_use_reserve(const Work& work);
  bool is_wanted_now(const Work& work) const;
  void move_bookkeeping(Commit& commit);
  void write(Work& work);
  bool write_until_it_holds(Commit& commit, std::uint64_t& bytes);
  bool recover(const Error& error, int failures, Commit& commit);
  bool open_anew(const Error& error, Commit& commit);
  bool wait_for_space(const Error& error, bool in_vain, Commit& commit);
  Result<void> reopen();
  bool is_written_already(const Commit& commit) const;
  void sync_if_due();
  void give_up(const Error& error, const Commit& commit);

  const Settings settings_;
  StoreSlot& slot_;
  CommitListener& listener_;

  // Of the io thread alone.
  std::vector<NewEventPtr> appended_;  // and not handed over
  std::uint64_t appended_bytes_ = 0;

  // Copies of what is under mutex_, for a look without it. They may lag behind what the thread takes.
  std::atomic<std::uint64_t> seen_queue_bytes_ = 0;
  std::atomic<std::size_t> seen_queue_events_ = 0;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<NewEventPtr> queue_;  // under mutex_, as the following
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

  Sequence next_;  // of the commit thread alone, as the following
  DiskSpace space_;
  Clock::time_point last_commit_{};
  Clock::time_point last_sync_{};
  std::optional<Clock::time_point> last_failure_;
  std::size_t held_back_ = 0;  // events that are neither in the queue nor in a commit
  bool not_synced_ = false;
  bool in_trouble_ = false;
  std::atomic<Clock::rep> busy_since_{0};
  std::thread thread_;
};

}  // namespace pbxbridge::spool
