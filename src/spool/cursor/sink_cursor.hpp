#pragma once

#include "pbxbridge/event_id.hpp"
#include "pbxbridge/event_ptr.hpp"
#include "spool/cursor/deferred_deliveries.hpp"
#include "spool/cursor/unacknowledged.hpp"
#include "spool/log/segment_index.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pbxbridge::spool {

/// Position of one sink in the spool, and what was fetched for it from the disk.
struct SinkCursor {
  std::string sink;
  Sequence read;  ///< everything up to here was handed off, or dropped, or was done with before
  Sequence acknowledged;
  DeferredDeliveries deferred;    ///< as it was said last, by an earlier process where it reaches further
  std::deque<EventPtr> fetched;   ///< after `read`
  std::deque<EventPtr> kept;      ///< up to `read`, and yet to be handed off: the disk does not hold these any more
  Unacknowledged unacknowledged;  ///< between `acknowledged` and `read`; of one that was removed, all that was lost
  bool fetching = false;
  std::optional<std::chrono::steady_clock::time_point> disk_fails_since;  ///< to read what is after `read`
  Sequence replayed_up_to;   ///< whoever read before has had events up to here
  std::uint32_t reader = 0;  ///< another for each that opened it: what was fetched for one is not for the next
  std::optional<SystemTime> removed_since;     ///< its sink is not in the configuration any more
  std::map<DropReason, std::uint64_t> missed;  ///< meanwhile; to be told to the sink that has come back
  bool is_free = false;                        ///< nothing is kept for any sink

  /// Its sink is in the configuration.
  bool is_open() const { return !is_free && !removed_since; }
  /// Whoever has it from now on reads again what was not acknowledged. `gone`: up to there nothing can be read.
  void begin_again(Sequence gone);

  /// Moves the oldest that were fetched after `events`, up to so many.
  void hand_off(std::size_t max_events, std::vector<EventPtr>& events);
  void keep_fetched(std::vector<EventPtr> events);
  /// Takes out of `events` what the sink was done with in an earlier process.
  void leave_out_done(std::vector<EventPtr>& events) const;
  /// The disk has lost `missing`, and holds `held`: takes what memory has of it, as far as nothing that is to be read
  /// from the disk comes before. `newest`: after what was fetched, in order.
  void keep(const std::vector<Segment>& missing, const SegmentIndex& held, const std::vector<EventPtr>& newest);
  /// Once all that is kept of them is accounted for.
  void read_over(const std::vector<Segment>& missing, const SegmentIndex& held);
  /// The runs of these events that are kept.
  std::vector<Segment> kept_of(const Segment& events) const;
  /// Events that were handed off are in the sink's own queue and are delivered from there.
  void drop(Sequence up_to);
  /// The parts of `events`, up to that one, that the sink is not done with.
  std::vector<Segment> not_done(const Segment& events, Sequence up_to) const;
  /// Number of events that are lost to the sink if the process ends now.
  std::uint64_t lost_at_the_end() const;
};

/// Counts those that the spool still has, for a sink that is done with everything up to `position`, and as `deferred`
/// says.
std::uint64_t events_not_done(const SegmentIndex& index, Sequence position, const DeferredDeliveries& deferred);

}  // namespace pbxbridge::spool
