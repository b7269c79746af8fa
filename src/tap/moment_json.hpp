#pragma once

// The lines of a tap: a JSON object each, described in docs/guides/status.md.

#include "deliver/outcome_watch.hpp"
#include "tap/allowance.hpp"
#include "tap/examined_event.hpp"
#include "tap/filter.hpp"

#include <string>
#include <vector>

namespace pbxbridge::tap {

/// Amount of an event that is shown.
enum class Shown : bool {
  masked,  ///< numbers masked, topics as the configuration has them, no keys, no payload
  clear,
};

/// Each ends in a line feed. `destinations`: those of `event` that are wanted.
std::string accepted_line(const Event& event, const std::vector<const Destination*>& destinations, Shown shown);
std::string ended_line(const std::string& sink, const Delivery& delivery, deliver::Ending ending,
                       const std::string& reason, SystemTime now, Shown shown);
std::string left_out_line(const LeftOut& left_out, SystemTime now);
/// The first line that a listener gets.
std::string listening_line(const std::vector<std::string>& warnings, SystemTime now);

}  // namespace pbxbridge::tap
