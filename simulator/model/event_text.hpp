#pragma once

#include "simulator/model/world.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// The JSON of each event of version 22.x, with the keys, their order and the kinds of values of the vendor's samples:
/// times are UNIX seconds in strings, ids are decimal strings, counts and flags are numbers and booleans.
namespace pbxbridge::sim::event_text {

/// A call as its events describe it. Lives as long as the call.
struct Call {
  std::string call_id;  ///< the SIP Call-ID
  std::string cdr_id;
  std::string session_id;
  std::string direction;  ///< internal, inbound, outbound
  std::string caller;     ///< SIP URI of an extension, or a number
  std::string caller_name;
  std::string callee;
  std::string callee_name;
  std::string did;  ///< the number dialled from outside, for inbound calls
  std::string trunk;
  std::string destination;  ///< contact that rings last
  std::string end_reason;
  std::string queue_number;  ///< empty: no queue took part
  std::int64_t started = 0;
  std::int64_t rang = 0;
  std::int64_t answered = 0;  ///< 0: not answered
  std::int64_t ended = 0;
};

std::string call_start(const Tenant& tenant, const Call& call, std::int64_t now);
std::string call_update_info(const Tenant& tenant, const Call& call, std::int64_t now);
std::string cdr_target_ringing(const Tenant& tenant, const Call& call, std::int64_t now);
std::string call_cdr(const Tenant& tenant, const Call& call);

/// 16.x: the events of a call on its way, under their own names. The vendor shows no sample; they are as call_start.
std::string call_event_16(std::string_view event_type, const Tenant& tenant, const Call& call, std::int64_t now);
std::string extension_register_16(const Tenant& tenant, const Extension& extension, std::int64_t now);

std::string extension_created(const Tenant& tenant, const Extension& extension);
std::string extension_updated(const Tenant& tenant, const Extension& extension);
std::string extension_destroyed(const Tenant& tenant, const Extension& extension);
std::string extension_status(const Tenant& tenant, const std::vector<const Extension*>& extensions, std::int64_t now);
std::string extension_call(const Tenant& tenant, const Extension& extension, std::int64_t now);
std::string extension_presence(const Tenant& tenant, const Extension& extension, std::int64_t now);
std::string extension_agent_status(const Tenant& tenant, std::size_t extension, std::int64_t now);

std::string queue_created(const Tenant& tenant, std::string_view queue_number);
std::string queue_updated(const Tenant& tenant, std::string_view queue_number);
std::string queue_destroy(const Tenant& tenant, std::string_view queue_number);
std::string queue_status(const Tenant& tenant, const Queue& queue);
std::string queue_caller_status(const Tenant& tenant, const Queue& queue, const WaitingCaller& caller,
                                std::size_t position, std::string_view reason, std::int64_t now);
std::string queue_agent_status(const Tenant& tenant, const Queue& queue, const Agent& agent);
std::string queue_sla_breached(const Tenant& tenant, const Queue& queue, const WaitingCaller& caller,
                               std::uint32_t breached, std::int64_t now);

}  // namespace pbxbridge::sim::event_text
