#pragma once

#include "observe/log.hpp"
#include "pbxbridge/event_id.hpp"
#include "pbxbridge/event_ptr.hpp"
#include "spool/gaps/gap.hpp"
#include "spool/gaps/moment.hpp"
#include "spool/log/segment_index.hpp"
#include "spool/spool_metrics.hpp"
#include "spool/store/batch_store.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace pbxbridge::spool {

/// Tells of the stretches in which events are missing: counts them, says them in the log and has them stored. Makes one
/// gap of what belongs together.
class GapLog {
 public:
  /// A number that was stored before replaces.
  using Store = std::function<void(std::uint64_t number, Gap gap)>;
  using OnGap = std::function<void(const Gap& gap)>;

  /// `stored`: the gaps that an earlier process has left, by number. `on_gap`: called with each gap that is told, and
  /// again where it grows.
  GapLog(observe::Log& log, SpoolMetrics& metrics, const std::vector<std::pair<std::uint64_t, Gap>>& stored,
         Store store, OnGap on_gap);

  void record(Gap gap);
  /// Called for each segment that is given up: what follows the last gap for the same reason makes it longer.
  void extend(Gap gap);

  /// An event was turned away, after `newest`: one gap for a whole stretch of these. True for its first.
  bool rejected(const Event& event, GapReason reason, Sequence newest);
  /// The stretch is over, whatever its reason was, or if it was this one.
  void end_rejections();
  void end_rejections(GapReason reason);
  /// Stores what there is of it, from time to time: the process may end before the stretch does.
  void store_rejections();

  /// Once for each damage, in all processes. `index`: of what the spool holds. Returns the events that are missing, as
  /// far as they are known, and were not told to be before.
  std::vector<Segment> damaged(const Damage& damage, const SegmentIndex& index);
  /// The latest gaps, oldest first; one that is not over as it was last stored.
  std::vector<Gap> latest() const;
  /// Returns the part of these that is not known to be damaged.
  std::vector<Segment> undamaged(const Segment& events) const;

 private:
  void tell(const Gap& gap);
  void store(std::uint64_t number, Gap gap);

  observe::Log& log_;
  SpoolMetrics& metrics_;
  std::uint64_t next_number_ = 0;
  std::map<std::uint64_t, Gap> latest_;  // by number
  Store store_;
  OnGap on_gap_;
  Moment rejected_since_;
  std::optional<Gap> rejected_;  // gap of events turned away since one was last accepted
  std::uint64_t rejected_number_ = 0;
  std::uint64_t rejected_stored_ = 0;  // how many of these events are in what was stored of it
  std::optional<Gap> last_gap_;        // gap of dropped events, as long as it may grow
  std::uint64_t last_number_ = 0;
  std::set<std::pair<Sequence, Sequence>> known_damage_;  // by what it comes after and before
};

}  // namespace pbxbridge::spool
