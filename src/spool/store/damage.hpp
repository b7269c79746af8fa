#pragma once

#include "pbxbridge/event_id.hpp"
#include "pbxbridge/system_time.hpp"

#include <string>
#include <vector>

namespace pbxbridge::spool {

/// Events that cannot be read any more.
struct Damage {
  Sequence after;      ///< after it they are missing
  Sequence before;     ///< and before it; 0: up to where is not known
  std::string reason;  ///< for the operator
  SystemTime begin{};  ///< when the last event before them was received; 1970: not known
  SystemTime end{};    ///< when the first after them was; 1970: not known
};

/// Returns the damage in what a reader alongside a process that writes could not read: what was removed meanwhile,
/// everything up to `removed`, cannot be read either. `last`: the newest event that the reader could have met.
std::vector<Damage> damaged_and_not_removed(std::vector<Damage> damages, Sequence removed, Sequence last);

}  // namespace pbxbridge::spool
