#pragma once

#include "pbxbridge/event_id.hpp"
#include "pbxbridge/event_ptr.hpp"
#include "pbxbridge/system_time.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace pbxbridge::spool {

/// A run of events with sequences that follow one another, about a megabyte or a minute of them: what is counted,
/// aged and removed as one.
struct Segment {
  Sequence first;
  Sequence last;
  std::uint64_t bytes = 0;  ///< as written
  SystemTime oldest{};      ///< the earliest time of day at which one of its events was received
  SystemTime newest{};      ///< the latest, which need not be that of the last

  std::uint64_t events() const { return last.value - first.value + 1; }
};

/// One batch of events, in the order of their sequences; `bytes` as written.
Segment segment_of(const std::vector<EventPtr>& batch, std::uint64_t bytes);

/// Its events later than `after` and up to `up_to`, everything else as it is; nothing where there is none.
std::optional<Segment> within(Segment segment, Sequence after, Sequence up_to);

/// Adds a batch that follows all of these runs of events, which are in order and apart. Returns whether it goes on with
/// the last one, of which then `last` alone is changed.
bool add_to_runs(std::vector<Segment>& runs, const Segment& batch);
bool is_in_runs(const std::vector<Segment>& runs, Sequence event);

/// Index of the events that a spool holds, without their bytes: a few dozen bytes a segment, so that a backlog of
/// gigabytes is counted, aged and cut without reading it. Pure.
class SegmentIndex {
 public:
  static constexpr std::uint64_t segment_bytes = 1024 * 1024;
  static constexpr std::chrono::minutes segment_time{1};

  /// One batch, newer than all before. Returns the segment that it closes: nothing is added to that one any more.
  std::optional<Segment> add(const Segment& batch);
  /// A segment that was closed in an earlier life, newer than all before.
  void restore(const Segment& segment);

  bool empty() const { return segments_.empty(); }
  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t events() const { return events_; }
  /// 0 where it is empty.
  Sequence first() const;
  /// Newest that was ever added; 0: none.
  Sequence last() const { return last_; }

  /// Events that are held, later than `after` and up to `up_to`.
  std::uint64_t count(Sequence after, Sequence up_to) const;
  /// The same events, oldest first.
  std::vector<Segment> between(Sequence after, Sequence up_to) const;
  /// Time of the oldest event later than `after`, to within a segment; nothing where there is none.
  std::optional<SystemTime> oldest(Sequence after) const;
  /// Time of the newest event up to `position`, likewise.
  std::optional<SystemTime> newest(Sequence position) const;

  /// The last sequence of the whole segments that everybody is done with who has acknowledged up to `position`.
  std::optional<Sequence> done_with(Sequence position) const;
  /// Up to where to remove so that no more than `bytes` are held.
  std::optional<Sequence> cut_for_size(std::uint64_t bytes) const;
  /// Up to where all was received before `time`.
  std::optional<Sequence> cut_for_age(SystemTime time) const;

  /// Forgets whole segments up to there and returns them.
  std::vector<Segment> remove_up_to(Sequence position);
  /// Forgets what `held` does not have, and returns it as runs that are as long as can be, oldest first.
  std::vector<Segment> keep_only(const SegmentIndex& held);

 private:
  std::deque<Segment> segments_;
  bool last_is_open_ = false;
  std::uint64_t bytes_ = 0;
  std::uint64_t events_ = 0;
  Sequence last_;
};

}  // namespace pbxbridge::spool
