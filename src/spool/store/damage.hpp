#pragma once

#include "pbxbridge/event.hpp"

#include <string>

namespace pbxbridge::spool {

/// Events that cannot be read any more.
struct Damage {
  Sequence after;      ///< behind it they are missing
  Sequence before;     ///< and before it; 0: up to where is not known
  std::string reason;  ///< for the operator
  SystemTime begin{};  ///< when the last event before them was received; 1970: not known
  SystemTime end{};    ///< when the first behind them was; 1970: not known
};

}  // namespace pbxbridge::spool
