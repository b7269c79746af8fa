#pragma once

#include "simulator/model/model.hpp"

#include <string>
#include <vector>

namespace pbxbridge::sim {

/// The model as it is now, a JSON object each, for a test to compare with what a client has made of the events. They
/// are as the PBX would push them, apart from the last two kinds:
///   extension_created       for each extension: its number, id and name
///   extension_status        for each tenant: all its extensions
///   extension_agent_status  for each extension that is an agent: its state in each queue
///   queue_status            for each queue: its callers and agents
///   queue_totals            for each queue: callers since it exists, of whom `waiting` are still in it
///   open_call               for each call, as `/api/sessions` has it
std::vector<std::string> model_state(const World& world, const Model& model);

}  // namespace pbxbridge::sim
