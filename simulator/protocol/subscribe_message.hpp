#pragma once

#include "simulator/protocol/subscriptions.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace pbxbridge::sim {

struct SubscribeMessage {
  std::vector<SubscriptionRequest> requests;
  std::string error;  ///< empty: understood
};

/// Reads the topics and selectors of a subscribe or unsubscribe. As strict as the wire allows: every element of a list
/// must be a string, and a topic must be one that this version has, and be named once.
SubscribeMessage parse_subscribe(const nlohmann::json& message, Dialect dialect);

}  // namespace pbxbridge::sim
