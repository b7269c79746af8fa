#pragma once

#include "pbxbridge/event_id.hpp"
#include "pbxbridge/system_time.hpp"
#include "spool/gaps/loss_reasons.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pbxbridge::spool {

/// A stretch in which events are missing, kept in the spool for whoever has to account for them.
struct Gap {
  GapReason reason = GapReason::disconnected;
  std::string pbx;     ///< name of the PBX; empty: any
  SystemTime begin{};  ///< by the clock of the day, as it was when it began, to the best of our knowledge
  SystemTime end{};    ///< likewise when it ended: before `begin` where the clock was set back in it
  /// The last event before it; of what was turned away or not subscribed to, the newest that was committed when it
  /// began: what was queued then stands later than `after`, and was received before the gap.
  Sequence after;
  Sequence before;           ///< the first event after it; 0: not known
  std::uint64_t events = 0;  ///< how many are missing; 0: not known
  /// Duration by a clock that is never set; nothing where only the clock of the day was there.
  std::optional<std::chrono::nanoseconds> measured;

  /// The measured duration, or else the time between its ends; nothing where the end is before the beginning.
  std::optional<double> seconds() const;
};

/// One JSON object on one line, times in nanoseconds since 1970.
std::string to_json(const Gap& gap);
std::optional<Gap> gap_from_json(std::string_view json);

}  // namespace pbxbridge::spool
