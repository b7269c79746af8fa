#pragma once

#include "simulator/model/call.hpp"
#include "simulator/model/world.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// The JSON of each event, with the keys, their order and the kinds of values of the vendor's samples: times are UNIX
/// seconds in strings, ids are decimal strings, counts and flags are numbers and booleans. Of the events of 16.x alone
/// the vendor shows no sample; they are as those of 22.x that are most like them.
namespace pbxbridge::sim::event_text {

/// call_start, and in 16.x all events of a call on its way.
std::string call_head(std::string_view event_type, const CallRecord& call, Time now);
/// The same with the destination of the last target.
std::string target_16(std::string_view event_type, const CallRecord& call, Time now);
std::string call_update_info(std::string_view event_type, const CallRecord& call, Time now);
/// cdr_target_add and so on, of the last target.
std::string cdr_target(std::string_view event_type, const CallRecord& call, Time now);
/// The call has ended now.
std::string call_cdr(std::string_view event_type, const CallRecord& call, Time now);

std::string extension_created(const Tenant& tenant, const Extension& extension);
std::string extension_updated(const Tenant& tenant, const Extension& extension);
std::string extension_destroyed(const Tenant& tenant, const Extension& extension);
std::string extension_status(const Tenant& tenant, const std::vector<const Extension*>& extensions, Time now);
std::string extension_call(const Tenant& tenant, const Extension& extension, Time now);
std::string extension_presence(const Tenant& tenant, const Extension& extension, Time now);
std::string extension_agent_status(const Tenant& tenant, const Extension& extension, Time now);

std::string queue_created(const Tenant& tenant, const Queue& queue);
std::string queue_updated(const Tenant& tenant, const Queue& queue);
std::string queue_destroy(const Tenant& tenant, const Queue& queue);
std::string queue_status(const Tenant& tenant, const Queue& queue);
/// `position` counts from 1: the place of the caller in the line, or that which it has just left.
std::string queue_caller_status(const Tenant& tenant, const Queue& queue, const WaitingCaller& caller,
                                std::size_t position, std::string_view reason, Time now);
std::string queue_agent_status(const Tenant& tenant, const Queue& queue, const Agent& agent);
std::string queue_agent_removed(const Tenant& tenant, const Queue& queue, const Extension& agent);
std::string queue_sla_breached(const Tenant& tenant, const Queue& queue, const WaitingCaller& caller, Time now);

std::string extension_register_16(const Tenant& tenant, const Extension& extension, Time now);
std::string queue_member_state_16(const Tenant& tenant, const Queue& queue, const Agent& agent);
std::string trunk_16(std::string_view event_type, const Tenant& tenant, const Trunk& trunk, Time now);

}  // namespace pbxbridge::sim::event_text
