#pragma once

// Parts that tests which send events the whole way have in common.

#include "bridge_process.hpp"
#include "simulator.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace pbxbridge::test {

/// Pushes the samples and the untidy payloads to a bridge that is subscribed to everything; returns them in that order.
std::vector<std::string> push_everything(Simulator& simulator, BridgeProcess& bridge);

/// The pushed ones among what arrived: the simulator's snapshots came before them.
std::vector<std::string> last(const std::vector<std::string>& arrived, std::size_t count);

void expect_same(const std::vector<std::string>& arrived, const std::vector<std::string>& expected);

double delivered(BridgeProcess& bridge, const std::string& sink);
/// Accepted events of all families.
double accepted(BridgeProcess& bridge);
/// Waits until at least so many events are accepted, and all that are accepted are delivered.
[[nodiscard]] bool wait_until_all_is_delivered(BridgeProcess& bridge, const std::string& sink, std::size_t at_least);

}  // namespace pbxbridge::test
