#pragma once

#include "async/latest_timer.hpp"
#include "async/lifetime.hpp"
#include "config/spool_config.hpp"
#include "observe/log.hpp"
#include "pbxbridge/event_id.hpp"
#include "pbxbridge/event_ptr.hpp"
#include "pbxbridge/system_time.hpp"
#include "spool/cursor/sink_cursor.hpp"
#include "spool/dead_letters/dead_letter_office.hpp"
#include "spool/event_log.hpp"
#include "spool/gaps/gap_log.hpp"
#include "spool/gaps/gap_record.hpp"
#include "spool/gaps/gap_watch.hpp"
#include "spool/gaps/losses.hpp"
#include "spool/log/commit_queue.hpp"
#include "spool/log/commit_thread.hpp"
#include "spool/log/disk_reader.hpp"
#include "spool/log/recent_events.hpp"
#include "spool/log/reception_clock.hpp"
#include "spool/log/retention.hpp"
#include "spool/log/segment_index.hpp"
#include "spool/spool_metrics.hpp"
#include "spool/store/spool_lock.hpp"
#include "spool/store/store_slot.hpp"
#include "spool/store/store_watch.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pbxbridge::spool {

/// The spool on disk.
///
/// The promise: an event that `on_readable` has announced is on stable storage (`sync: always`), or will be within
/// `sync_interval` (`interval`; a crash of the machine, not of the process, loses what is younger), or when the kernel
/// gets to it (`none`: a crash of the machine loses about 30 s of events). The end of the process alone, by kill -9
/// too, loses nothing that was announced, whatever `sync` says. What was appended and not announced yet may be lost by
/// both.
///
/// Bounded in memory, which does not grow with the backlog: the newest events, for the sinks that keep
/// up; a chunk for each sink that reads from the disk; and a few dozen bytes a segment. What it cannot keep, it drops
/// by the rules of `full` and `max_age`, tells each sink's cursor, and records as a gap: losses.hpp.
///
/// Cursors are stored with the next commit or within 200 ms: after a crash a sink gets again what it acknowledged in
/// that time, and what it had in flight. Layout on disk and what a crash can do to it: batch_store.hpp. Two threads of
/// its own, one writes and one reads. Io thread only.
class DiskSpool final : public EventLog, public GapRecord, private CommitListener {
 public:
  /// Opens or makes the spool in `config.path`; the error says what is wrong with it, and who uses it if that is it.
  static Result<std::unique_ptr<DiskSpool>> open(boost::asio::io_context& io, const config::SpoolConfig& config,
                                                 observe::Log& log, SpoolMetrics& metrics);
  ~DiskSpool() override;

  SpoolId id() const { return id_; }
  bool durable() const override { return true; }
  bool writable() const override;
  Stats stats() const override;
  using EventAppender::append;
  std::optional<DropReason> append(NewEventPtr& cause, Derivation&& derivation) override;
  void set_derive(std::function<Derivation()> derive) override;
  void expect_derived() override { commits_.expect_derived(); }
  void derive_now() override { commits_.derive_now(); }
  DropReason reject(const Event& event) override;
  bool has_room() const override;
  void ask_for_room() override;
  CursorId open_cursor(const std::string& sink, Start start) override;
  void remove_cursor(CursorId cursor) override;
  std::optional<std::uint64_t> forget_sink(const std::string& sink) override;
  void start() override;
  void use_settings(const config::SpoolConfig& settings) override;
  void read(CursorId cursor, std::size_t max_events, std::vector<EventPtr>& events) override;
  void acknowledge(CursorId cursor, Sequence position) override;
  std::uint64_t unread(CursorId cursor) const override;
  std::optional<SystemTime> oldest_unread(CursorId cursor) const override;
  std::uint64_t lost_at_the_end(CursorId cursor) const override { return cursors_[cursor].lost_at_the_end(); }
  Sequence replayed_up_to(CursorId cursor) const override { return cursors_[cursor].replayed_up_to; }
  void remember_deferred(CursorId cursor, DeferredDeliveries deferred) override;
  DeferredDeliveries deferred(CursorId cursor) const override { return cursors_[cursor].deferred; }
  void note_subscribed(const std::string& pbx, SubscribedState state, SystemTime at) override;
  void set_on_gap(std::function<void(const Gap&)> callback) override { on_gap_ = std::move(callback); }
  std::vector<Gap> latest_gaps() const override { return gaps_.latest(); }
  void set_on_committed(std::function<void(std::span<const EventPtr>)> callback) override {
    on_committed_ = std::move(callback);
  }
  void set_on_readable(std::function<void()> callback) override { on_readable_ = std::move(callback); }
  void set_on_room(std::function<void()> callback) override { on_room_ = std::move(callback); }
  void set_on_drop(std::function<void(const Drop&)> callback) override { losses_.set_on_drop(std::move(callback)); }
  void set_on_failure(std::function<void(Error)> callback) override { on_failure_ = std::move(callback); }
  void flush(std::chrono::milliseconds timeout, std::function<void(bool)> flushed) override;

  DeadLetterOffice& letters() { return *office_; }
  /// The rows of the tables as they were when the spool was opened; once.
  std::vector<TableRow> take_tables() { return std::exchange(stored_rows_, {}); }

 private:
  DiskSpool(boost::asio::io_context& io, const config::SpoolConfig& config, observe::Log& log, SpoolMetrics& metrics,
            SpoolLock lock, std::unique_ptr<BatchStore> store, std::vector<TableRow> rows);

  // CommitListener, on the commit thread.
  void committed(std::vector<EventPtr> events, std::uint64_t bytes, std::chrono::nanoseconds took) override;
  void room() override;
  void disk_full(const Error& error, bool in_vain) override;
  void denied(const Error& error) override;
  void write_failed(const Error& error) override;
  void files_removed(const Error& error) override;
  void reopened(ReopenedStore store) override;
  void recovered() override;
  void failed_for_good(const Error& error, std::uint64_t lost_events, bool files_are_gone) override;
  void letters_dropped(const std::string& sink, std::uint64_t letters) override;

  /// Runs it on the io thread, unless the spool is gone by then.
  template <class Function>
  void post(Function function) {
    boost::asio::post(io_, lifetime_.guard(std::move(function)));
  }
  void pause_writing(const std::string& why);
  void account_for(const ReopenedStore& store);
  void store_bookkeeping();
  void tell_letters(const std::string& sink, std::uint64_t letters, DropReason reason);
  std::string not_acknowledged() const;
  void add_committed(std::vector<EventPtr> events, std::uint64_t bytes);
  void trim_memory();
  Moment committed_up_to() const;
  bool is_full();
  void hand_off_soon();
  void report_gaps();
  /// Adds one for a sink that has none, with the deliveries that the store knows it deferred.
  CursorId add_cursor(const std::string& sink);
  void reopen_cursor(CursorId cursor);
  /// The sequence up to which nothing is held.
  Sequence gone() const;
  void log_removed(const SinkCursor& cursor);
  void keep_removed_sinks();
  void forget_expired_sinks();
  void forget_cursor(CursorId cursor);
  void make_room_of_removed_sinks();
  void fetch(CursorId cursor);
  /// A chunk as it was ordered: after `from`, when `newest` was the newest of all.
  struct Fetch {
    CursorId cursor = 0;
    std::uint32_t reader = 0;
    Sequence from;
    Sequence newest;
  };
  void take_fetched(const Fetch& order, Result<BatchStore::Chunk> chunk);
  static bool disk_may_recover(SinkCursor& cursor, const BatchStore::Chunk& chunk);
  void remove_done();
  void hold_bounds();
  void drop_up_to(Sequence up_to, DropReason reason);
  void watch_size();
  void tick();
  /// The lowest of the sinks in the configuration; with `and_removed` of the others, too.
  Sequence lowest_acknowledged(bool and_removed) const;

  boost::asio::io_context& io_;
  config::SpoolConfig config_;
  observe::Log& log_;
  SpoolMetrics& metrics_;
  StoreWatch watch_;  // before the store, as it holds the lock
  StoreSlot slot_;
  const SpoolId id_;
  CursorPositions stored_cursors_;                    // cursors at the start, until they are open
  RemovedSinks stored_removed_;                       // likewise
  DeferredBySink stored_deferred_;                    // likewise
  const UnacknowledgedBySink stored_unacknowledged_;  // likewise
  const std::vector<Damage> stored_damages_;          // likewise
  const std::string stored_salvage_;                  // likewise
  std::vector<TableRow> stored_rows_;                 // until they are taken
  bool started_ = false;
  SegmentIndex index_;
  Sequence replayed_up_to_;
  std::vector<SinkCursor> cursors_;
  Retention retention_;
  mutable ReceptionClock reception_clock_;
  RecentEvents newest_;
  GapLog gaps_;
  std::function<void(const Gap&)> on_gap_;
  std::vector<Gap> unreported_gaps_;  // a gap may be found while an event is being appended
  Losses losses_;
  GapWatch gap_watch_;
  bool hand_off_posted_ = false;
  std::uint64_t not_committed_ = 0;         // events that were appended
  Moment committed_at_ = present_moment();  // when the newest committed event was received
  bool writable_ = true;
  StorageCause denied_ = StorageCause::other;  // names what the system denies now
  std::function<void(std::span<const EventPtr>)> on_committed_;
  std::function<void()> on_readable_;
  std::function<void()> on_room_;
  std::function<void(Error)> on_failure_;
  async::LatestTimer tick_timer_;
  async::LatestTimer flush_timer_;
  async::Lifetime lifetime_;
  CommitQueue commits_;
  std::unique_ptr<DeadLetterOffice> office_;
  // Last, so that the threads end before what they use.
  std::unique_ptr<DiskReader> reader_;
  std::unique_ptr<CommitThread> commit_thread_;
};

}  // namespace pbxbridge::spool
