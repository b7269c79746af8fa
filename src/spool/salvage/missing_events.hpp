#pragma once

#include "pbxbridge/event_id.hpp"
#include "pbxbridge/system_time.hpp"
#include "spool/log/segment_index.hpp"
#include "spool/store/damage.hpp"
#include "spool/store/epoch_log.hpp"

#include <optional>
#include <set>
#include <vector>

namespace pbxbridge::spool::salvage {

/// Finds which events should be there and are not, from those that are. Pure.
class MissingEvents {
 public:
  /// `ends`: last sequences of segments, by which the ends of starts are known that `known` does not tell.
  /// `floor`: nothing up to there is missed; where it is not known, nothing before the first event is.
  MissingEvents(const KnownEpochs& known, std::set<Sequence> ends, std::optional<Sequence> floor)
      : known_(known), ends_(std::move(ends)), position_(floor) {}

  /// A run of events that are there, newer than all before.
  void add(const Segment& run);
  /// There was an event of that sequence, and nothing newer is known of.
  void end(Sequence newest);

  const std::vector<Damage>& damages() const { return damages_; }
  /// The newest that is there or was.
  Sequence position() const { return position_.value_or(Sequence{}); }
  /// Time at which the newest that is there was received.
  SystemTime newest_time() const { return newest_time_; }

 private:
  void tell_between(Sequence after, Sequence before, SystemTime end);
  void tell(Sequence after, Sequence before, SystemTime end);
  std::optional<Sequence> end_of_start(Sequence position) const;
  std::uint32_t next_start(std::uint32_t epoch, std::uint32_t up_to) const;

  const KnownEpochs& known_;
  const std::set<Sequence> ends_;
  std::optional<Sequence> position_;
  SystemTime newest_time_{};
  std::vector<Damage> damages_;
};

}  // namespace pbxbridge::spool::salvage
