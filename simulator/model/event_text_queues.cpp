#include "simulator/model/event_text.hpp"

#include <fmt/compile.h>

namespace pbxbridge::sim::event_text {

namespace {

std::string management(std::string_view event_type, const Tenant& tenant, const Queue& queue) {
  return fmt::format(FMT_COMPILE(R"({{"event_type":"{}","queue_number":"{}","tenant_id":"{}"}})"), event_type,
                     queue.number(), tenant.id);
}

std::string agent_object(const Agent& agent) {
  return fmt::format(
      FMT_COMPILE(
          R"({{"state":"{}","agent_extension_number":"{}","session_id":"{}","caller_number":"{}","caller_name":"{}",)"
          R"("timestamp":"{}"}})"),
      agent.state, agent.extension->number, agent.session_id, agent.caller_number, agent.caller_name,
      unix_seconds(agent.since));
}

}  // namespace

std::string queue_created(const Tenant& tenant, const Queue& queue) {
  return management("queue_created", tenant, queue);
}

std::string queue_updated(const Tenant& tenant, const Queue& queue) {
  return management("queue_updated", tenant, queue);
}

std::string queue_destroy(const Tenant& tenant, const Queue& queue) {
  return management("queue_destroy", tenant, queue);
}

std::string queue_status(const Tenant& tenant, const Queue& queue) {
  std::string waiting;
  for (std::size_t i = 0; i < queue.waiting.size(); ++i) {
    const auto& caller = queue.waiting[i];
    waiting +=
        fmt::format(FMT_COMPILE(R"({}{{"position":"{}","session_id":"{}","caller_number":"{}","caller_name":"{}",)"
                                R"("timestamp":"{}","type":"{}"}})"),
                    i == 0 ? "" : ",", i + 1, caller.session_id, caller.number, caller.name, unix_seconds(caller.since),
                    caller.type);
  }
  std::string agents;
  for (const auto& agent : queue.agents) agents += (agents.empty() ? "" : ",") + agent_object(agent);
  return fmt::format(
      FMT_COMPILE(
          R"({{"event_type":"queue_status","tenant_id":"{}","queue_id":"{}","queue_number":"{}","queue_name":"{}",)"
          R"("waiting_list":[{}],"agents":[{}]}})"),
      tenant.id, queue.id, queue.number(), queue.plan.name, waiting, agents);
}

std::string queue_caller_status(const Tenant& tenant, const Queue& queue, const WaitingCaller& caller,
                                std::size_t position, std::string_view reason, Time now) {
  return fmt::format(
      FMT_COMPILE(
          R"({{"event_type":"queue_caller_status","tenant_id":"{}","queue_id":"{}","updated_callers":[{{)"
          R"("position":"{}","session_id":"{}","caller_number":"{}","reason":"{}","timestamp":"{}","type":"{}"}}]}})"),
      tenant.id, queue.id, position, caller.session_id, caller.number, reason, unix_seconds(now), caller.type);
}

std::string queue_agent_status(const Tenant& tenant, const Queue& queue, const Agent& agent) {
  return fmt::format(
      FMT_COMPILE(R"({{"event_type":"queue_agent_status","queue_id":"{}","tenant_id":"{}","updated_agents":[{}],)"
                  R"("removed_agents":[]}})"),
      queue.id, tenant.id, agent_object(agent));
}

std::string queue_agent_removed(const Tenant& tenant, const Queue& queue, const Extension& agent) {
  return fmt::format(
      FMT_COMPILE(R"({{"event_type":"queue_agent_status","queue_id":"{}","tenant_id":"{}","updated_agents":[],)"
                  R"("removed_agents":[{{"agent_extension_number":"{}"}}]}})"),
      queue.id, tenant.id, agent.number);
}

std::string queue_sla_breached(const Tenant& tenant, const Queue& queue, const WaitingCaller& caller, Time now) {
  return fmt::format(
      FMT_COMPILE(R"({{"event_type":"queue_sla_breached","queue_id":"{}","tenant_id":"{}","caller":"{}",)"
                  R"("total_callers_breached":{},"sla_time_secs":{},"waiting_callers":{},"timestamp":"{}"}})"),
      queue.id, tenant.id, caller.number, queue.totals.sla_breached, queue.plan.service_level.count(),
      queue.waiting.size(), unix_seconds(now));
}

}  // namespace pbxbridge::sim::event_text
