#pragma once

#include "observe/metrics.hpp"
#include "pbxbridge/event.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::spool {

using observe::GapReason;

/// A stretch in which events are missing, kept in the spool for whoever has to account for them.
struct Gap {
  GapReason reason = GapReason::disconnected;
  std::string pbx;     ///< whose; empty: of any
  SystemTime begin{};  ///< when it began, to the best of our knowledge
  SystemTime end{};
  /// The last event before it; of what was refused or not listened to, the newest that was committed when it began:
  /// what was queued then stands behind `after`, and was received before the gap.
  Sequence after;
  Sequence before;           ///< the first event behind it; 0: not known
  std::uint64_t events = 0;  ///< how many are missing; 0: not known
};

/// One JSON object on one line, times in nanoseconds since 1970.
std::string to_json(const Gap& gap);
std::optional<Gap> gap_from_json(std::string_view json);

}  // namespace pbxbridge::spool
