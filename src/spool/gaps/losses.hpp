#pragma once

#include "pbxbridge/event_id.hpp"
#include "pbxbridge/event_ptr.hpp"
#include "spool/cursor/sink_cursor.hpp"
#include "spool/cursor/unacknowledged.hpp"
#include "spool/event_log.hpp"
#include "spool/gaps/gap_log.hpp"
#include "spool/log/segment_index.hpp"
#include "spool/store/batch_store.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace pbxbridge::spool {

/// Accounts for events that a bound has removed, or that the disk no longer holds: each once for each sink, and as a
/// gap.
///
/// Reports at once what a sink has not read. What it has read and not acknowledged it may still deliver from its own
/// queue, so that this is stored with the removal, and reported at the next start as far as the sink had not
/// acknowledged it by then: however the process ends. Of the last 400 ms before a crash, more may be told than was
/// lost, as it would have been delivered a second time otherwise. So is what is removed of what is kept for a sink that
/// is not in the configuration: it is reported if the sink comes back, and is no gap before that.
///
/// Damage is told as soon as one sink meets it, for all that have it still to read, although one of them may get some
/// of it from memory. How many events that are is known within one start of the spool, and where the index knows them;
/// otherwise the gap has only its bounds, and nobody is told a number.
///
/// Io thread only.
class Losses {
 public:
  /// Stores what the sink loses if the process ends, before what makes it so is stored.
  using Keep = std::function<void(const std::string& sink, UnacknowledgedRuns runs)>;

  /// The cursors and the gaps outlive this object.
  Losses(std::vector<SinkCursor>& cursors, GapLog& gaps, Keep keep);

  void set_on_drop(std::function<void(const Drop&)> callback) { on_drop_ = std::move(callback); }
  void tell(const Drop& drop) const;

  /// Counts what an earlier process left unacknowledged. Once every cursor is open. `removed`: nothing up to there can
  /// be read.
  void of_earlier_process(const UnacknowledgedBySink& stored, Sequence removed);
  /// Counts what the sink had read and not acknowledged, and nobody can read again: it does not deliver that any more.
  /// Where it was removed, what it has missed meanwhile as well, which then is for `tell_missed`.
  void of_ended_sink(CursorId cursor);
  /// Once there is a sink to be told.
  void tell_missed(CursorId cursor);
  void damaged(const Damage& damage, const SegmentIndex& index);
  /// The disk has lost `missing`, runs that `before` knew, while it was in use, and holds `held` now. `newest`: what
  /// memory has, that sinks may still get.
  void removed(const std::vector<Segment>& missing, const SegmentIndex& before, const SegmentIndex& held,
               const std::vector<EventPtr>& newest, const std::string& reason);
  /// The oldest that there were: their removal is not stored yet. The cursors move past them.
  void given_up(const std::vector<Segment>& segments, DropReason reason);

 private:
  void lose_unacknowledged(CursorId id, const UnacknowledgedRuns& runs, Sequence removed,
                           std::map<DropReason, Gap>& gaps) const;
  void record(std::map<DropReason, Gap> gaps);
  std::uint64_t lose(const std::vector<Segment>& events, DropReason reason);

  std::vector<SinkCursor>& cursors_;
  GapLog& gaps_;
  const Keep keep_;
  std::function<void(const Drop&)> on_drop_;
  Sequence given_up_;  // up to there
};

}  // namespace pbxbridge::spool
