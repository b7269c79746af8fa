#pragma once

#include "config/spool_config.hpp"
#include "pbxbridge/error.hpp"
#include "pbxbridge/event.hpp"
#include "spool/cursor/held_back.hpp"
#include "spool/dead_letters/dead_letter.hpp"
#include "spool/gaps/gap.hpp"
#include "spool/gaps/loss_reasons.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pbxbridge::spool {

using Start = config::StartAt;

/// Names a sink's cursor for the life of the spool object.
using CursorId = std::size_t;

/// Events that were removed before the sink of this cursor had read them or, in an earlier process, confirmed them.
struct Drop {
  CursorId cursor = 0;
  std::uint64_t events = 0;
  DropReason reason = DropReason::spool_full;
};

/// State of a PBX's subscriptions: whether it pushes to us.
enum class Streaming : std::uint8_t {
  on,
  lost,   ///< its connection was lost, or it ended it
  ended,  ///< pbxbridge has ended the connection, for it is about to end itself
};

struct Stats {
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
  Sequence first;                      ///< oldest that is held; 0 where there is none
  Sequence last;                       ///< newest that was ever committed; 0 where there is none
  std::chrono::seconds oldest_age{0};  ///< age of the oldest event that some sink has yet to acknowledge
};

/// The log between the reader and the sinks.
///
/// Invariants, whatever the implementation:
///   1. A sequence is given once, in the order of `append`, and never again, not after a crash either.
///   2. `read` returns committed events only, in order, without a gap other than what was dropped.
///   3. An event stays until every cursor has acknowledged it, or until a bound makes room, oldest first; then each
///      cursor that had not read it is told by `on_drop`, once. One that had read it, and has not acknowledged it when
///      the process ends, is told at the next start, in `start`.
///   4. `append` never waits, for a sink or for the disk.
///   5. A dead letter is as durable as the acknowledgement that passes it, or more.
/// Threads: all calls and all callbacks on the io thread.
class Spool {
 public:
  virtual ~Spool() = default;

  virtual SpoolId id() const = 0;
  /// Returns whether appended events outlive the process.
  virtual bool durable() const = 0;
  /// Returns whether events can be accepted; for readiness.
  virtual bool writable() const = 0;
  virtual Stats stats() const = 0;

  /// Takes the event in; it gets its sequence and can be read once it is committed. Where there is no room, it is left
  /// with the caller, who counts it for the reason returned.
  [[nodiscard]] virtual std::optional<DropReason> append(NewEventPtr& event) = 0;
  /// False: the source of the latest event must be paused until `on_room`. There is room left for what other sources
  /// append before they learn the same; an event of a source that goes on all the same is for `refuse`, not for
  /// `append`.
  virtual bool has_room() const = 0;
  /// Records that the event was not appended for lack of room. The reason, for whoever counts it.
  virtual DropReason refuse(const Event& event) = 0;

  /// A known sink goes on after what it has acknowledged, a new one begins as `start` says.
  virtual CursorId open_cursor(const std::string& sink, Start start) = 0;
  /// Every cursor that there will be is open; before the first event.
  virtual void start() = 0;
  /// The next events, at most `max_events`, in `events`, which is emptied first; the cursor moves behind them. Fewer
  /// or none where the rest has to be fetched first: `on_readable` follows.
  virtual void read(CursorId cursor, std::size_t max_events, std::vector<EventPtr>& events) = 0;
  /// Everything up to and including `position` is done with for this cursor.
  virtual void acknowledge(CursorId cursor, Sequence position) = 0;
  /// Sets what the cursor is done with beyond that, replacing what was set before. Stored as an acknowledgement is, so
  /// that events which are done with are not read again after a restart.
  virtual void hold_back(CursorId cursor, HeldBack held_back) = 0;
  /// As an earlier process has left it: of the events up to `passed` that are read, only these deliveries are wanted.
  virtual HeldBack held_back(CursorId cursor) const = 0;
  /// Committed events that the cursor has not read.
  virtual std::uint64_t unread(CursorId cursor) const = 0;
  /// Events up to here were there before this start: a sink may have had them already.
  virtual Sequence replayed_up_to() const = 0;

  /// Keeps what this cursor's sink has rejected for good. To be called before the event is acknowledged.
  virtual void bury(CursorId cursor, DeadLetter letter) = 0;
  /// Letters of this sink that an operator wants delivered after all, a few at a time and about 1 MiB; `on_readable`
  /// follows where some have been read from the disk. Each is returned once, until it is buried again or forgotten.
  virtual std::vector<DeadLetter> take_redriven(CursorId cursor) = 0;
  /// A redriven letter has been delivered.
  virtual void forget(CursorId cursor, const DeadLetter& letter) = 0;

  /// From `at` on all that a PBX pushes comes, or no longer does. Each stretch in which it did not after it had, in
  /// this process or an earlier one, is recorded as a gap once it does again.
  virtual void note_streaming(const std::string& pbx, Streaming state, SystemTime at) = 0;

  /// There is more to read; set once.
  virtual void on_readable(std::function<void()> callback) = 0;
  virtual void on_room(std::function<void()> callback) = 0;
  virtual void on_drop(std::function<void(const Drop&)> callback) = 0;
  /// Nothing more can be taken in for the rest of this process.
  virtual void on_failure(std::function<void(Error)> callback) = 0;

  /// Calls `flushed` once: with true when everything appended and acknowledged so far is committed, with false when it
  /// is not by then.
  virtual void flush(std::chrono::milliseconds timeout, std::function<void(bool)> flushed) = 0;
};

}  // namespace pbxbridge::spool
