#include "simulator/model/topic.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace pbxbridge::sim {

namespace {

using EventType = std::pair<std::string_view, Family>;

constexpr std::array event_types_22{
    EventType{"extension_created", Family::extension_management},
    EventType{"extension_updated", Family::extension_management},
    EventType{"extension_destroyed", Family::extension_management},
    EventType{"extension_status", Family::extension},
    EventType{"extension_call", Family::extension},
    EventType{"extension_presence", Family::extension},
    EventType{"extension_agent_status", Family::extension},
    EventType{"call_start", Family::cdr},
    EventType{"call_update_info", Family::cdr},
    EventType{"call_cdr", Family::cdr},
    EventType{"cdr_target_add", Family::cdr},
    EventType{"cdr_target_ringing", Family::cdr},
    EventType{"cdr_target_answer", Family::cdr},
    EventType{"cdr_target_noanswer", Family::cdr},
    EventType{"cdr_target_fail", Family::cdr},
    EventType{"cdr_target_end", Family::cdr},
    EventType{"queue_created", Family::queue_management},
    EventType{"queue_updated", Family::queue_management},
    EventType{"queue_destroy", Family::queue_management},
    EventType{"queue_status", Family::queue},
    EventType{"queue_caller_status", Family::queue},
    EventType{"queue_agent_status", Family::queue},
    EventType{"queue_sla_breached", Family::queue},
};

constexpr std::array event_types_16{
    EventType{"extension_register", Family::extension},
    EventType{"call_hold", Family::extension},
    EventType{"call_unhold", Family::extension},
    EventType{"call_start", Family::extension},
    EventType{"call_established", Family::extension},
    EventType{"call_ended", Family::extension},
    EventType{"call_noanswer", Family::extension},
    EventType{"call_reroute", Family::extension},
    EventType{"call_fail", Family::extension},
    EventType{"target_add", Family::extension},
    EventType{"target_ringing", Family::extension},
    EventType{"target_noanswer", Family::extension},
    EventType{"target_fail", Family::extension},
    EventType{"target_ended", Family::extension},
    EventType{"call_cdr", Family::cdr},
    EventType{"queue_status", Family::queue},
    EventType{"queue_member_state", Family::queue},
    EventType{"trunk_connected", Family::trunk},
    EventType{"trunk_disconnected", Family::trunk},
};

constexpr std::array<std::string_view, 4> topic_names_16{"extension_events", "cdr_events", "queue_events",
                                                         "trunk_events"};

}  // namespace

const Topic* find_topic(std::string_view name, Dialect dialect) {
  const auto* topic = std::ranges::find(topics, name, &Topic::name);
  if (topic == topics.end()) return nullptr;
  const bool known = dialect == Dialect::v16 ? std::ranges::find(topic_names_16, name) != topic_names_16.end()
                                             : topic->family != Family::trunk;
  return known ? topic : nullptr;
}

std::string_view selector_key(Selector selector) {
  switch (selector) {
    case Selector::tenants:
      return "tenants";
    case Selector::extensions:
      return "extensions";
    case Selector::queues:
      return "queues";
    case Selector::none:
      break;
  }
  return "";
}

Family family_of(std::string_view event_type, Dialect dialect) {
  const std::span<const EventType> types =
      dialect == Dialect::v16 ? std::span<const EventType>(event_types_16) : std::span<const EventType>(event_types_22);
  const auto found = std::ranges::find(types, event_type, &EventType::first);
  return found == types.end() ? Family::unknown : found->second;
}

}  // namespace pbxbridge::sim
