#pragma once

#include "pbxbridge/event.hpp"

namespace pbxbridge::spool {

/// 64 random bits in hexadecimal, from the operating system.
SpoolId make_spool_id();

}  // namespace pbxbridge::spool
