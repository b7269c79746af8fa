#pragma once

#include "pbxbridge/event.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace pbxbridge::spool {

/// Where a sink that the spool does not know yet begins.
enum class Start : std::uint8_t { latest, earliest };

/// Names a sink's cursor for the life of the spool object.
using CursorId = std::size_t;

/// Events that were removed before the sink of this cursor had read them.
struct Drop {
  CursorId cursor = 0;
  std::uint64_t events = 0;
};

struct Stats {
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
  Sequence first;  ///< oldest that is held; 0 where there is none
  Sequence last;   ///< newest that was ever committed; 0 where there is none
};

/// The log between the reader and the sinks.
///
/// Invariants, whatever the implementation:
///   1. A sequence is given once, in the order of `append`, and never again, not after a crash either.
///   2. `read` returns committed events only, in order, without a gap other than what was dropped.
///   3. An event stays until every cursor has acknowledged it, or until the bound makes room, oldest first; then each
///      cursor that had not read it is told by `on_drop`, once.
///   4. `append` never waits for a sink.
/// Threads: all calls and all callbacks on the io thread.
class Spool {
 public:
  virtual ~Spool() = default;

  virtual const SpoolId& id() const = 0;
  /// Whether what was appended outlives the process.
  virtual bool durable() const = 0;
  /// Whether events can be taken in; for readiness.
  virtual bool writable() const = 0;
  virtual Stats stats() const = 0;

  /// Gives the event its sequence and takes it in. It can be read once committed.
  virtual void append(std::unique_ptr<Event> event) = 0;

  /// A known sink goes on after what it has acknowledged, a new one begins as `start` says.
  virtual CursorId open_cursor(const std::string& sink, Start start) = 0;
  /// The next events, at most `max_events`, in `events`, which is emptied first; the cursor moves behind them.
  virtual void read(CursorId cursor, std::size_t max_events, std::vector<EventPtr>& events) = 0;
  /// Everything up to and including `position` is done with for this cursor.
  virtual void acknowledge(CursorId cursor, Sequence position) = 0;
  /// Committed events that the cursor has not acknowledged.
  virtual std::uint64_t lag(CursorId cursor) const = 0;

  /// Called after each commit; set once.
  virtual void on_committed(std::function<void()> callback) = 0;
  virtual void on_drop(std::function<void(const Drop&)> callback) = 0;
};

}  // namespace pbxbridge::spool
