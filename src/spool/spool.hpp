#pragma once

#include "pbxbridge/error.hpp"
#include "pbxbridge/event.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace pbxbridge::spool {

/// Where a sink that the spool does not know yet begins.
enum class Start : std::uint8_t { latest, earliest };

/// A contiguous run of events was removed before a sink had acknowledged them.
struct Drop {
  std::string sink;
  std::uint64_t events = 0;
};

struct Stats {
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
  Sequence first;  ///< oldest that is held
  Sequence last;   ///< newest that was committed
};

/// The log between the reader and the sinks.
///
/// Invariants, whatever the implementation:
///   1. A sequence is given once, in the order of `append`, and never again, after a crash neither.
///   2. `read` returns committed events only, in order, without a gap other than what was dropped.
///   3. An event stays until every registered sink has acknowledged it, or until the bound makes room (oldest first);
///      then each sink that had not acknowledged it is told by `on_drop`, once.
///   4. `append` never waits for a sink.
/// Threads: all calls and all callbacks on the io thread.
class Spool {
 public:
  virtual ~Spool() = default;

  virtual const SpoolId& id() const = 0;

  /// Gives the event its sequence and takes it in. It can be read once committed.
  virtual void append(std::unique_ptr<Event> event) = 0;

  /// Up to `max_events` that come after `position`.
  virtual std::vector<EventPtr> read(Sequence position, std::size_t max_events) = 0;

  /// The sink's position: what it has acknowledged up to and including. A new sink begins as `start` says.
  virtual Sequence open_cursor(const std::string& sink, Start start) = 0;
  virtual void acknowledge(const std::string& sink, Sequence position) = 0;
  /// Committed events after the sink's position.
  virtual std::uint64_t lag(const std::string& sink) const = 0;

  virtual Stats stats() const = 0;
  /// Whether events can be taken in; for readiness.
  virtual bool writable() const = 0;

  /// Called after a commit; set once.
  virtual void on_committed(std::function<void()> callback) = 0;
  virtual void on_drop(std::function<void(const Drop&)> callback) = 0;
};

}  // namespace pbxbridge::spool
