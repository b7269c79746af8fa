#pragma once

#include "simulator/model/world.hpp"
#include "simulator/protocol/subscriptions.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace pbxbridge::sim {

/// Events that the PBX pushes at once to a client that has just subscribed: the state of the selected extensions and
/// queues, and a `queue_created` for each existing queue. Call records and extension management have none.
/// `own_tenant_id` is empty for a system administrator.
std::vector<std::string> snapshot(const World& world, const SubscriptionRequest& request,
                                  const std::string& own_tenant_id, Time now);

}  // namespace pbxbridge::sim
