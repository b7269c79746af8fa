#pragma once

#include "config/spool_config.hpp"
#include "pbxbridge/error.hpp"
#include "pbxbridge/event_id.hpp"
#include "pbxbridge/event_ptr.hpp"
#include "pbxbridge/system_time.hpp"
#include "spool/cursor/deferred_deliveries.hpp"
#include "spool/derivation.hpp"
#include "spool/gaps/loss_reasons.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace pbxbridge::spool {

using Start = config::StartAt;

/// Names a sink's cursor for the life of the spool object.
using CursorId = std::size_t;

/// Events that were removed before the sink of this cursor had read them or, in an earlier process, acknowledged them.
struct Drop {
  CursorId cursor = 0;
  std::uint64_t events = 0;
  DropReason reason = DropReason::spool_full;
};

struct Stats {
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
  Sequence first;                      ///< oldest that is held; 0 where there is none
  Sequence last;                       ///< newest that was ever committed; 0 where there is none
  std::uint64_t queued_events = 0;     ///< appended and not yet committed
  std::chrono::seconds oldest_age{0};  ///< of the oldest event that some sink has yet to acknowledge
};

/// Takes events in.
/// Threads: all calls on the io thread, for each class in this file, and all callbacks.
class EventAppender {
 public:
  virtual ~EventAppender() = default;

  /// Takes the event in; it gets its sequence and can be read once it is committed. Never waits, for a sink or for the
  /// disk. Where there is no room, the event is left with the caller, who counts it for the reason returned.
  [[nodiscard]] std::optional<DropReason> append(NewEventPtr& event) { return append(event, {}); }
  /// The same with what follows from the event: all of it is in one commit, in the order event, derived events, so that
  /// no crash parts them. Each derived event names its cause: `Event::name_cause`. Where there is no room, all of it is
  /// left with the caller. `cause` may be null: then nothing is counted for the reason returned, and the caller tries
  /// again later.
  [[nodiscard]] virtual std::optional<DropReason> append(NewEventPtr& cause, Derivation&& derivation) = 0;
  /// Sets what makes that which follows from appended events. It is called once for many of them, before they go to the
  /// disk, so that all is in one commit with them, and must not append. Where something is expected, the former one is
  /// called once more. Null: nothing is derived any more.
  virtual void set_derive(std::function<Derivation()> derive) = 0;
  /// Something follows from the event that was appended last. For what follows from none, a null one is appended first:
  /// it is taken where there is room.
  virtual void expect_derived() = 0;
  /// Derives what is expected by itself, and not together with what follows from the next events.
  virtual void derive_now() = 0;
  /// False: the source of the latest event is to be paused until `on_room`, which the caller asks for. There is room
  /// left for what other sources append before they learn the same. An event of a source that goes on all the same is
  /// for `reject`, not for `append`.
  virtual bool has_room() const = 0;
  /// `on_room` follows, once, when half of the room is free.
  virtual void ask_for_room() = 0;
  /// Records that the event was not appended for lack of room. The reason, for whoever counts it.
  virtual DropReason reject(const Event& event) = 0;
};

/// Gives each sink what it has not had yet.
class EventCursors {
 public:
  virtual ~EventCursors() = default;

  /// A known sink goes on after what it has acknowledged, a new one begins as `start` says. Where this process has read
  /// for that sink before, what was not acknowledged is read again: nobody may use the cursor from then on who had it.
  virtual CursorId open_cursor(const std::string& sink, Start start) = 0;
  /// The sink is not in the configuration any more, and reads nothing. The spool on disk keeps its cursor for
  /// `max_age`, and what comes after it within the bounds, until the sink is opened again or forgotten; a spool in
  /// memory keeps neither.
  virtual void remove_cursor(CursorId cursor) = 0;
  /// Drops what is kept for a sink that was removed: how many events that were. Nothing: there is none of that name.
  virtual std::optional<std::uint64_t> forget_sink(const std::string& sink) = 0;
  /// The next events, at most `max_events`, in `events`, which is emptied first; the cursor moves past them. Fewer
  /// or none where the rest has to be fetched first: `on_readable` follows.
  virtual void read(CursorId cursor, std::size_t max_events, std::vector<EventPtr>& events) = 0;
  /// Everything up to and including `position` is done with for this cursor.
  virtual void acknowledge(CursorId cursor, Sequence position) = 0;
  /// Remembers what the cursor is done with beyond that; replaces what was said before. Stored as an acknowledgement
  /// is, so that events which are done with are not read again after a restart.
  virtual void remember_deferred(CursorId cursor, DeferredDeliveries deferred) = 0;
  /// Returns what an earlier process left: of events up to `passed` that are read, only these deliveries are wanted.
  virtual DeferredDeliveries deferred(CursorId cursor) const = 0;
  /// Committed events that the cursor has not read.
  virtual std::uint64_t unread(CursorId cursor) const = 0;
  /// Time of reception of the oldest event that the cursor has not read, to within a minute; nothing where there is
  /// none.
  virtual std::optional<SystemTime> oldest_unread(CursorId cursor) const = 0;
  /// Events up to here were there before the cursor was opened: a sink may have had them already.
  virtual Sequence replayed_up_to(CursorId cursor) const = 0;
};

/// The log between the sources and the sinks, for who opens and ends it.
///
/// Invariants; over the end of the process they hold for the spool on disk:
///   1. A sequence is given once, in the order of `append`, and never again, not after a crash either.
///   2. `read` returns committed events only, in order, without a gap other than what was dropped.
///   3. An event stays until every cursor has acknowledged it, or until a bound makes room, oldest first; then each
///      cursor that had not read it is told by `on_drop`, once. One that had read it, and has not acknowledged it when
///      the process ends, is told at the next start, in `start`.
class EventLog : public EventAppender, public EventCursors {
 public:
  /// Says whether what was appended outlives the process.
  virtual bool durable() const = 0;
  /// Says whether events can be taken in; for readiness.
  virtual bool writable() const = 0;
  virtual Stats stats() const = 0;
  /// Events that are lost to this cursor's sink if the process ends now: it has not acknowledged them, and nobody
  /// keeps them.
  virtual std::uint64_t lost_at_the_end(CursorId cursor) const = 0;

  /// Every cursor of the configuration is open; before the first event.
  virtual void start() = 0;
  /// These events are committed; before there is more to read, in the order of their sequence. Set once.
  virtual void set_on_committed(std::function<void(std::span<const EventPtr>)> callback) = 0;
  /// Bounds and the way of syncing are as these settings have them from now on; type and path cannot change.
  virtual void use_settings(const config::SpoolConfig& settings) = 0;
  /// There is more to read; set once.
  virtual void set_on_readable(std::function<void()> callback) = 0;
  /// There is room again, after `ask_for_room`.
  virtual void set_on_room(std::function<void()> callback) = 0;
  virtual void set_on_drop(std::function<void(const Drop&)> callback) = 0;
  /// Nothing more can be taken in for the rest of this process.
  virtual void set_on_failure(std::function<void(Error)> callback) = 0;

  /// Calls `flushed` once: with true when everything appended and acknowledged so far is committed, with false when it
  /// is not by then.
  virtual void flush(std::chrono::milliseconds timeout, std::function<void(bool)> flushed) = 0;
};

}  // namespace pbxbridge::spool
