#pragma once

#include "pbxbridge/event_id.hpp"
#include "spool/gaps/loss_reasons.hpp"
#include "spool/log/segment_index.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pbxbridge::spool {

/// Events with sequences that follow one another, which a sink has read and not acknowledged, and which nobody can read
/// again.
struct UnacknowledgedRun {
  Segment events;                              ///< bytes: without meaning
  DropReason reason = DropReason::spool_full;  ///< or expired, or corrupted
};
using UnacknowledgedRuns = std::vector<UnacknowledgedRun>;
/// Keys are sinks.
using UnacknowledgedBySink = std::map<std::string, UnacknowledgedRuns>;

/// Events that one sink loses if the process ends before the sink has acknowledged them. As small as what a sink reads
/// ahead. Pure.
class Unacknowledged {
 public:
  void add(const Segment& events, DropReason reason);
  /// Everything up to there is acknowledged.
  void acknowledge(Sequence position);

  const UnacknowledgedRuns& runs() const { return runs_; }

 private:
  UnacknowledgedRuns runs_;
};

// Each run is u64 first, u64 last, i64 oldest and i64 newest (ns since 1970), u8 reason (0 spool_full, 1 expired,
// 2 corrupted); little-endian.
std::string encode_unacknowledged(const UnacknowledgedRuns& runs);
/// Returns nothing where the bytes are damaged.
std::optional<UnacknowledgedRuns> decode_unacknowledged(std::string_view bytes);

}  // namespace pbxbridge::spool
