#pragma once

#include "simulator/model/accounts.hpp"
#include "simulator/model/call.hpp"
#include "simulator/model/world.hpp"

#include <nlohmann/json_fwd.hpp>

#include <vector>

/// The objects of the REST API, from the vendor's OpenAPI description (22.x) as far as the bridge's users meet them.
/// The vendor's answers have more fields; a client must not rely on there being no others. The shapes of a queue's
/// status, callers and agents and of a session are those of the events, for want of a vendor's sample.
namespace pbxbridge::sim::resource {

nlohmann::json tenant(const Tenant& tenant);
/// One for each extension, and one for each account of the tenant that has none.
std::vector<nlohmann::json> users(const Tenant& tenant, const Installation& installation);
nlohmann::json call_queue(const Queue& queue);
nlohmann::json queue_status(const Queue& queue);
std::vector<nlohmann::json> waiting(const Queue& queue);
std::vector<nlohmann::json> agents(const Queue& queue);
nlohmann::json session(const Call& call);
nlohmann::json call_record(const CallRecord& record);

}  // namespace pbxbridge::sim::resource
