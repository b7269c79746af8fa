#include "simulator/record/field_kinds.hpp"

#include <map>
#include <set>

namespace pbxbridge::sim {

namespace {

const std::map<std::string_view, FieldKind>& fields() {
  using enum FieldKind;
  static const std::map<std::string_view, FieldKind> table{
      // Commands and their answers.
      {"command", enumerator},
      {"topics", enumerator},
      {"topic", enumerator},
      {"keys", enumerator},
      {"error", enumerator},
      {"username", content},
      {"password", content},
      {"access_token", content},
      {"domain", content},
      {"name", content},
      {"extension_number", content},
      {"tenants", content},
      {"extensions", content},
      {"queues", content},
      {"id", content},
      // Events.
      {"event_type", enumerator},
      {"tenant_id", content},
      {"tenant_name", content},
      {"time", time},
      {"timestamp", time},
      // Extensions.
      {"extension", content},
      {"extension_id", content},
      {"disp_name", content},
      {"email", content},
      {"department", content},
      {"enabled", enumerator},
      {"online", enumerator},
      {"push_online", enumerator},
      {"presence", enumerator},
      {"presence_note", content},
      {"agent_status", enumerator},
      // Calls.
      {"call_id", content},
      {"call_status", enumerator},
      {"call_targets", content},
      {"call_type", enumerator},
      {"callee", content},
      {"callee_display_name", content},
      {"callee_domain", content},
      {"caller", content},
      {"caller_display_name", content},
      {"caller_domain", content},
      {"cdr_id", content},
      {"destination", content},
      {"did", content},
      {"direction", enumerator},
      {"end_reason", enumerator},
      {"ended_reason", enumerator},
      {"outbound_caller_id", content},
      {"session_id", content},
      {"status", enumerator},
      {"status_code", count},
      {"trunk_name", content},
      {"user_data", content},
      {"ring_duration", count},
      {"talk_duration", count},
      {"start_time", time},
      {"ring_time", time},
      {"answered_time", time},
      {"ended_time", time},
      // Queues.
      {"queue_id", content},
      {"queue_number", content},
      {"queue_name", content},
      {"waiting_list", content},
      {"agents", content},
      {"updated_agents", content},
      {"removed_agents", content},
      {"updated_callers", content},
      {"agent_extension_number", content},
      {"caller_name", content},
      {"caller_number", content},
      {"position", count},
      {"reason", enumerator},
      {"state", enumerator},
      {"type", enumerator},
      {"sla_time_secs", count},
      {"total_callers_breached", count},
      {"waiting_callers", count},
  };
  return table;
}

const std::set<std::string_view>& enumerators() {
  static const std::set<std::string_view> table{
      "", "0", "1", "-1",
      // Commands, topics, and the words of an answer.
      "auth", "subscribe", "unsubscribe", "access_token , username , domain or password error",
      "global_extension_management_events", "extension_management_events", "global_extension_events",
      "extension_events", "global_cdr_events", "cdr_events", "global_queue_management_events",
      "queue_management_events", "global_queue_events", "queue_events", "trunk_events",
      // Event types.
      "extension_created", "extension_updated", "extension_destroyed", "extension_status", "extension_call",
      "extension_presence", "extension_agent_status", "call_start", "call_update_info", "call_cdr", "cdr_target_add",
      "cdr_target_ringing", "cdr_target_answer", "cdr_target_noanswer", "cdr_target_fail", "cdr_target_end",
      "queue_created", "queue_updated", "queue_destroy", "queue_status", "queue_caller_status", "queue_agent_status",
      "queue_sla_breached",
      // Event types of 16.x.
      "extension_register", "call_hold", "call_unhold", "call_established", "call_ended", "call_noanswer",
      "call_reroute", "call_fail", "target_add", "target_ringing", "target_noanswer", "target_fail", "target_ended",
      "queue_member_state", "trunk_connected", "trunk_disconnected",
      // Telephones, presence, agents.
      "ON_CALL", "ON_ACLL", "RINGING", "ONLINE", "OFFLINE", "LUNCH", "BUSINESS_TRIP", "DO_NOT_DISTURB", "AWAY",
      "AVAILABLE", "READY", "QUEUE_CALL", "WRAP_UP", "OTHER_CALL", "NOT_READY", "LOGOUT",
      // Calls.
      "internal", "inbound", "inbound_outbound", "outbound", "ext", "in", "in2out", "out", "answered", "noanswer",
      "fail", "normal_call", "queue_call", "None", "caller_disconnected", "caller_disconnect", "callee_disconnected",
      "callee_disconnect", "replaced", "referred", "redirected", "blind_transfer_complete",
      "attended_transfer_complete", "cancelled",
      // Callers of a queue.
      "enqueue", "agent_answered", "overflow", "hangup", "callback", "normal"};
  return table;
}

}  // namespace

FieldKind kind_of_field(std::string_view name) {
  const auto found = fields().find(name);
  return found == fields().end() ? FieldKind::content : found->second;
}

bool is_known_field(std::string_view name) { return fields().contains(name); }

bool is_known_enumerator(std::string_view value) { return enumerators().contains(value); }

}  // namespace pbxbridge::sim
