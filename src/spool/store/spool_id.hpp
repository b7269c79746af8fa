#pragma once

#include "pbxbridge/event_id.hpp"

namespace pbxbridge::spool {

/// Random, from the operating system.
SpoolId make_spool_id();

}  // namespace pbxbridge::spool
