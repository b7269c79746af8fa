#pragma once

#include "spool/store/batch_store.hpp"

#include <vector>

namespace pbxbridge::spool {

/// Returns the damage in what a reader alongside a process that writes could not read: what was removed meanwhile,
/// everything up to `removed`, cannot be read either. `last`: the newest event that the reader could have met.
std::vector<Damage> damaged_and_not_removed(std::vector<Damage> damages, Sequence removed, Sequence last);

/// Up to where a store has removed its events.
Sequence removed_up_to(const BatchStore& store);

}  // namespace pbxbridge::spool
