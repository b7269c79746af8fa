#pragma once

#include "config/spool_config.hpp"
#include "pbxbridge/error.hpp"
#include "pbxbridge/event_id.hpp"
#include "pbxbridge/event_ptr.hpp"
#include "spool/log/commit_queue.hpp"
#include "spool/log/segment_index.hpp"
#include "spool/store/batch_store.hpp"
#include "spool/store/disk_space.hpp"
#include "spool/store/store_slot.hpp"
#include "spool/store/store_watch.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace pbxbridge::spool {

/// Content of a store that was opened again, for whoever knows its content before.
struct ReopenedStore {
  SegmentIndex segments;
  std::vector<Damage> damages;
  std::string failure;                                ///< for which it was opened again
  std::map<std::string, std::uint64_t> lost_letters;  ///< by sink
};

/// Listener to the commit thread. Called on that thread: hand off and return.
class CommitListener {
 public:
  /// These events are as durable as `sync` promises. `bytes`: what they take on the disk.
  virtual void committed(std::vector<EventPtr> events, std::uint64_t bytes, std::chrono::nanoseconds took) = 0;
  /// There is room again, after `CommitQueue::ask_for_room`.
  virtual void room() = 0;
  /// The disk is full; reported again while events wait for disk space, not while a write waits that has failed.
  /// `in_vain`: what was kept aside is used up, so that something has to go.
  virtual void disk_full(const Error& error, bool in_vain) = 0;
  /// The system denies what a write needs and may give it later: files of that size, descriptors, memory. The write
  /// waits.
  virtual void denied(const Error& error) = 0;
  /// A write failed. The store is closed, checked and opened again, once.
  virtual void write_failed(const Error& error) = 0;
  /// Files were removed. What is left is checked and opened again.
  virtual void files_removed(const Error& error) = 0;
  /// All that was committed before was announced before. Nothing is read from the store until this returns.
  virtual void reopened(ReopenedStore store) = 0;
  /// Writes succeed again.
  virtual void recovered() = 0;
  /// Nothing will be written any more in this process, and so many events that were taken are not. `files_are_gone`: a
  /// later process does not find what was committed either.
  virtual void failed_for_good(const Error& error, std::uint64_t lost_events, bool files_are_gone) = 0;
  /// The bound on a sink's dead letters made room.
  virtual void letters_dropped(const std::string& sink, std::uint64_t letters) = 0;

 protected:
  ~CommitListener() = default;
};

/// Writes to the store: takes what has gathered in the queue, up to the event that makes it 1 MiB, as one commit with
/// one fsync, and again.
/// Gives each event its sequence. A store that fails is opened again; space, descriptors and memory are waited for.
/// Looks once a second whether the files are still where a later process would find them.
class CommitThread {
 public:
  struct Settings {
    std::filesystem::path directory;
    config::SyncMode sync = config::SyncMode::always;
    std::chrono::milliseconds sync_interval{100};
    std::uint64_t dead_letter_bytes = 0;  ///< for each sink
    std::uint64_t ballast_bytes = 0;
  };

  /// The slot holds an open store, which `watch` watches. What is passed outlives it.
  CommitThread(Settings settings, StoreWatch& watch, StoreSlot& slot, CommitQueue& queue, CommitListener& listener);
  /// Writes what is queued, unless the disk does not take it. On the io thread.
  ~CommitThread();
  CommitThread(const CommitThread&) = delete;
  CommitThread& operator=(const CommitThread&) = delete;

  /// Takes effect with the next commit; the directory stays. On the io thread.
  void use_settings(const Settings& settings);
  /// Time that the running write has taken up to now; 0 where there is none. Any thread.
  std::chrono::nanoseconds under_way() const;

 private:
  using Clock = CommitQueue::Clock;
  using Work = CommitQueue::Work;

  /// Content of a closed store other than events, for the one that takes its place.
  struct Notes {
    std::vector<std::pair<std::uint64_t, Gap>> gaps;
    std::map<std::string, DeadLetterCount> letters;
    std::optional<std::vector<TableRow>> rows;  // nothing: they could not be read
  };

  void run();
  Clock::time_point next_look() const;
  void number(Work& work);
  bool look_after_files(Work& work);
  std::optional<bool> open_what_was_left(Commit& commit);
  bool wait_for_space(Work& work);
  void write(Work& work);
  bool write_until_it_holds(Commit& commit, std::uint64_t& bytes);
  bool recover(const Error& error, int failures, Commit& commit);
  bool open_anew(const Error& error, Commit& commit);
  void tell_shortage(const Error& shortage, bool in_vain);
  bool wait_until_given(Error shortage, bool in_vain, Commit& commit);
  Result<void> reopen(const Error& failure, Commit& commit);
  void close();
  void restore_gaps();
  void restore_rows(Commit& commit);
  std::map<std::string, std::uint64_t> lost_letters() const;
  bool is_written_already(const Commit& commit) const;
  void sync_if_due();
  void end_for_good(const Error& error, const Commit& commit);

  Settings settings_;  // for the commit thread alone once it runs
  StoreSlot& slot_;
  CommitQueue& queue_;
  CommitListener& listener_;
  const SpoolId id_;
  StoreWatch& watch_;
  Clock::time_point next_watch_{};  // for the commit thread alone, as the following up to busy_since_
  bool files_are_gone_ = false;     // that were removed, until the rest is open again
  Notes notes_;
  Sequence next_;
  DiskSpace space_;
  Clock::time_point last_commit_{};
  Clock::time_point last_sync_{};
  std::optional<Clock::time_point> last_failure_;
  std::size_t waiting_for_space_ = 0;  // events that are neither in the queue nor in a commit
  bool not_synced_ = false;
  bool in_trouble_ = false;
  bool failed_ = false;  // for good
  std::atomic<Clock::rep> busy_since_{0};
  std::thread thread_;
};

}  // namespace pbxbridge::spool
