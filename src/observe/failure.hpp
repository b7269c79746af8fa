#pragma once

#include "pbxbridge/system_time.hpp"

#include <string>

namespace pbxbridge::observe {

/// The latest trouble of a peer, for whoever looks at the status: fit to be shown, as `text::log_text` leaves it.
struct Failure {
  SystemTime at{};
  std::string text;
};

}  // namespace pbxbridge::observe
