#include "simulator/model/event_text.hpp"

#include <fmt/compile.h>

namespace pbxbridge::sim::event_text {

std::string extension_register_16(const Tenant& tenant, const Extension& extension, Time now) {
  return fmt::format(
      FMT_COMPILE(R"({{"event_type":"extension_register","extension":"{}","domain":"{}","online":{},"time":"{}"}})"),
      extension.number, tenant.domain, extension.online, unix_seconds(now));
}

std::string queue_member_state_16(const Tenant& tenant, const Queue& queue, const Agent& agent) {
  return fmt::format(
      FMT_COMPILE(R"({{"event_type":"queue_member_state","tenant_id":"{}","queue_id":"{}","queue_number":"{}",)"
                  R"("extension":"{}","state":"{}","time":"{}"}})"),
      tenant.id, queue.id, queue.number(), agent.extension->number, agent.state, unix_seconds(agent.since));
}

std::string trunk_16(std::string_view event_type, const Tenant& tenant, const Trunk& trunk, Time now) {
  return fmt::format(FMT_COMPILE(R"({{"event_type":"{}","trunk_name":"{}","tenant_id":"{}","time":"{}"}})"), event_type,
                     trunk.text, tenant.id, unix_seconds(now));
}

}  // namespace pbxbridge::sim::event_text
