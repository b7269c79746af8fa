#pragma once

#include "pbxbridge/event.hpp"
#include "spool/gaps/loss_reasons.hpp"
#include "spool/log/segment_index.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::spool {

/// Events with sequences that follow one another, which a sink has read and not confirmed, and which nobody can read
/// again.
struct UnconfirmedRun {
  Segment events;                              ///< bytes: without meaning
  DropReason reason = DropReason::spool_full;  ///< or expired, or corrupted
};
using UnconfirmedRuns = std::vector<UnconfirmedRun>;
/// By sink.
using UnconfirmedBySink = std::map<std::string, UnconfirmedRuns>;

/// Events that one sink loses if the process ends before the sink has acknowledged them. As small as what a sink reads
/// ahead. Pure.
class Unconfirmed {
 public:
  void add(const Segment& events, DropReason reason);
  /// Everything up to there is confirmed.
  void confirm(Sequence position);

  const UnconfirmedRuns& runs() const { return runs_; }

 private:
  UnconfirmedRuns runs_;
};

// For each run u64 first, u64 last, i64 oldest and i64 newest (ns since 1970), u8 reason (0 spool_full, 1 expired,
// 2 corrupted); little-endian.
std::string encode_unconfirmed(const UnconfirmedRuns& runs);
/// Nothing where the bytes are damaged.
std::optional<UnconfirmedRuns> decode_unconfirmed(std::string_view bytes);

}  // namespace pbxbridge::spool
