#pragma once

#include "config/spool_config.hpp"
#include "pbxbridge/examination.hpp"

namespace pbxbridge::examine {

/// Looks at the directory of the spool and its disk. Never takes the spool's lock, and opens nothing of its store.
/// Blocks its thread for about 10 s at the most, unless the disk hangs.
void examine_spool(const config::SpoolConfig& spool, Findings& findings);

}  // namespace pbxbridge::examine
