#include "event/event_types.hpp"

#include <algorithm>

namespace pbxbridge::event {

namespace {

using enum Family;

constexpr std::array<std::string_view, 2> time_or_timestamp = {"time", "timestamp"};

constexpr EventType types[] = {
    {"extension_created", extension_management, EntityKind::extension},
    {"extension_updated", extension_management, EntityKind::extension},
    {"extension_destroyed", extension_management, EntityKind::extension},

    {"extension_status", extension, EntityKind::extension, time_or_timestamp, "status"},
    {"extension_call", extension, EntityKind::extension},
    {"extension_presence", extension, EntityKind::extension},
    {"extension_agent_status", extension, EntityKind::extension},

    {"call_start", cdr, EntityKind::session},
    {"call_update_info", cdr, EntityKind::session},
    {"call_cdr", cdr, EntityKind::session, {"ended_time", "start_time"}},  // pushed when the call has ended
    {"cdr_target_add", cdr, EntityKind::session},
    {"cdr_target_ringing", cdr, EntityKind::session},
    {"cdr_target_answer", cdr, EntityKind::session},
    {"cdr_target_noanswer", cdr, EntityKind::session},
    {"cdr_target_fail", cdr, EntityKind::session},
    {"cdr_target_end", cdr, EntityKind::session},

    {"queue_created", queue_management, EntityKind::queue},
    {"queue_updated", queue_management, EntityKind::queue},
    {"queue_destroy", queue_management, EntityKind::queue},  // so spelt by the PBX

    // The times in queue_status are those of its callers and agents, not its own.
    {"queue_status", queue, EntityKind::queue},
    {"queue_caller_status", queue, EntityKind::queue, time_or_timestamp, "updated_callers"},
    {"queue_agent_status", queue, EntityKind::queue, time_or_timestamp, "updated_agents"},
    {"queue_sla_breached", queue, EntityKind::queue},

    // 16.x. The calls among them come by its topic extension_events. call_start is above: with 22.x it is a call
    // record.
    {"extension_register", extension, EntityKind::extension},
    {"call_hold", extension, EntityKind::session},
    {"call_unhold", extension, EntityKind::session},
    {"call_established", extension, EntityKind::session},
    {"call_ended", extension, EntityKind::session},
    {"call_noanswer", extension, EntityKind::session},
    {"call_reroute", extension, EntityKind::session},
    {"call_fail", extension, EntityKind::session},
    {"target_add", extension, EntityKind::session},
    {"target_ringing", extension, EntityKind::session},
    {"target_noanswer", extension, EntityKind::session},
    {"target_fail", extension, EntityKind::session},
    {"target_ended", extension, EntityKind::session},
    {"queue_member_state", queue, EntityKind::queue},
    {"trunk_connected", trunk, EntityKind::trunk},
    {"trunk_disconnected", trunk, EntityKind::trunk},
};

constexpr EventType own_types[] = {
    {"bridge_link", bridge, EntityKind::pbx},
    {"bridge_gap", bridge, EntityKind::pbx},
    {"bridge_status", bridge, EntityKind::none},  // about no PBX
    {"bridge_home_assistant", bridge, EntityKind::none},
    {"state_extension", state, EntityKind::extension},
    {"state_agent", state, EntityKind::agent},
    {"state_queue", state, EntityKind::queue},
    {"state_call", state, EntityKind::session},
};

}  // namespace

std::span<const EventType> event_types() { return types; }

std::span<const EventType> own_event_types() { return own_types; }

std::span<const std::string_view> documents_fed_by(const EventType& type) {
  static constexpr std::string_view of_extensions[] = {"state_extension"};
  static constexpr std::string_view of_administration[] = {"state_extension", "state_agent"};  // both have the name
  static constexpr std::string_view of_queues[] = {"state_queue", "state_agent"};
  static constexpr std::string_view of_calls[] = {"state_call"};
  switch (type.family) {
    case extension_management:
      return of_administration;
    case cdr:
      return of_calls;
    case queue_management:
      return of_queues;  // created and renamed ones are asked about
    case extension:
      if (type.name == "extension_agent_status") return {};  // queue_agent_status says the same, with the queue's id
      if (type.entity_kind == EntityKind::session) return of_calls;  // 16.x
      return of_extensions;
    case queue:
      return of_queues;
    default:
      return {};
  }
}

const EventType* find_event_type(std::string_view name) {
  const auto* const found = std::ranges::find(types, name, &EventType::name);
  return found == std::end(types) ? nullptr : found;
}

}  // namespace pbxbridge::event
