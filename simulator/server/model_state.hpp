#pragma once

#include "simulator/model/model.hpp"

#include <string>
#include <vector>

namespace pbxbridge::sim {

/// The model as it is now, a JSON object each, for a test to compare with what a client has made of the events: for
/// each tenant an `extension_status` of all its extensions, for each queue its `queue_status`, as a subscribe would
/// bring them, and each open call as `/api/sessions` has it, with the `event_type` `open_call`.
std::vector<std::string> model_state(const World& world, const Model& model);

}  // namespace pbxbridge::sim
