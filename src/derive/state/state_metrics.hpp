#pragma once

#include "derive/state/rows.hpp"
#include "observe/instruments.hpp"

#include <array>

namespace pbxbridge::derive::state {

/// Metrics of the tables that state is derived from.
struct StateMetrics {
  std::array<observe::Gauge, enum_count<TableKind>> rows;
  observe::Gauge bytes;
  std::array<observe::Counter, enum_count<TableKind>> rows_rejected;  ///< a bound was reached
  observe::Counter rows_unreadable;                                   ///< stored rows that were left out at the start
  observe::Counter not_understood;  ///< parts of events that lack what the tables need
  observe::Counter orphan_calls;
};

}  // namespace pbxbridge::derive::state
