#include "event/payload_fields.hpp"

namespace pbxbridge::event {

namespace {

constexpr std::string_view managed_extension[] = {"department",       "disp_name",  "email",
                                                  "enabled",          "event_type", "extension_id",
                                                  "extension_number", "tenant_id",  "username"};
constexpr std::string_view managed_queue[] = {"event_type", "queue_number", "tenant_id"};
constexpr std::string_view extension_status[] = {"event_type", "status", "tenant_id"};
constexpr std::string_view extension_call[] = {"call_status",  "event_type", "extension",
                                               "extension_id", "tenant_id",  "time"};
constexpr std::string_view extension_presence[] = {"event_type",    "extension", "extension_id", "presence",
                                                   "presence_note", "tenant_id", "time"};
constexpr std::string_view extension_agent_status[] = {"agent_status", "event_type", "extension",
                                                       "extension_id", "tenant_id",  "time"};
constexpr std::string_view call_start[] = {
    "call_id",   "callee",     "callee_display_name", "caller",     "caller_display_name", "cdr_id", "did",
    "direction", "event_type", "outbound_caller_id",  "session_id", "tenant_id",           "time",   "user_data"};
constexpr std::string_view call_update_info[] = {
    "callee",     "callee_display_name", "caller",     "caller_display_name", "cdr_id", "did", "direction",
    "event_type", "outbound_caller_id",  "session_id", "tenant_id",           "time"};
constexpr std::string_view call_cdr[] = {
    "answered_time", "call_id",      "call_status",         "call_targets",  "callee",
    "callee_domain", "caller",       "caller_display_name", "caller_domain", "did",
    "direction",     "ended_reason", "ended_time",          "event_type",    "outbound_caller_id",
    "ring_duration", "ring_time",    "session_id",          "start_time",    "status_code",
    "talk_duration", "tenant_id",    "tenant_name",         "trunk_name",    "user_data"};
constexpr std::string_view cdr_target[] = {"caller",    "cdr_id",     "destination",        "did",
                                           "direction", "event_type", "outbound_caller_id", "session_id",
                                           "tenant_id", "time"};
constexpr std::string_view queue_status[] = {"agents",       "event_type", "queue_id",    "queue_name",
                                             "queue_number", "tenant_id",  "waiting_list"};
constexpr std::string_view queue_caller_status[] = {"event_type", "queue_id", "tenant_id", "updated_callers"};
constexpr std::string_view queue_agent_status[] = {"event_type", "queue_id", "removed_agents", "tenant_id",
                                                   "updated_agents"};
constexpr std::string_view queue_sla_breached[] = {
    "caller",         "event_type", "queue_id", "sla_time_secs", "tenant_id", "timestamp", "total_callers_breached",
    "waiting_callers"};

constexpr std::string_view bridge_link[] = {"epoch",
                                            "event_type",
                                            "pbx",
                                            "reason",
                                            "since",
                                            "state",
                                            "subscriptions_granted",
                                            "subscriptions_refused",
                                            "subscriptions_silent"};
constexpr std::string_view bridge_gap[] = {"after_sequence", "event_type", "events", "from",  "pbx",
                                           "reason",         "seconds",    "to",     "topics"};
constexpr std::string_view bridge_status[] = {"event_type",      "lag_events",  "lagging_sink", "sinks",
                                              "sinks_connected", "spool_bytes", "spool_events"};
constexpr std::string_view bridge_home_assistant[] = {
    "availability", "availability_mode", "components", "device", "event_type", "origin", "pbx", "prefix", "removed"};
constexpr std::string_view state_extension[] = {
    "call_status", "event_id",      "event_type",  "extension", "extension_id", "name",  "online", "pbx",
    "presence",    "presence_note", "push_online", "removed",   "since",        "state", "tenant", "updated"};
constexpr std::string_view state_agent[] = {"event_id", "event_type", "extension",    "name",    "pbx",
                                            "queue_id", "queue_name", "queue_number", "removed", "session",
                                            "since",    "state",      "tenant",       "updated"};
constexpr std::string_view state_queue[] = {"abandoned",
                                            "agents_logged_out",
                                            "agents_not_ready",
                                            "agents_offline",
                                            "agents_other_call",
                                            "agents_queue_call",
                                            "agents_ready",
                                            "agents_wrap_up",
                                            "answered",
                                            "called_back",
                                            "callbacks",
                                            "entered",
                                            "event_id",
                                            "event_type",
                                            "longest_wait_since",
                                            "name",
                                            "overflowed",
                                            "pbx",
                                            "queue_id",
                                            "queue_number",
                                            "removed",
                                            "sla_breached",
                                            "tenant",
                                            "updated",
                                            "waiting"};
constexpr std::string_view state_call[] = {"answered", "callee",     "caller", "direction", "ended_by",
                                           "event_id", "event_type", "pbx",    "removed",   "session",
                                           "started",  "status",     "tenant", "updated"};

struct Fields {
  std::string_view event_type;
  std::span<const std::string_view> names;
};

constexpr Fields all[] = {
    {"extension_created", managed_extension},
    {"extension_updated", managed_extension},
    {"extension_destroyed", managed_extension},
    {"extension_status", extension_status},
    {"extension_call", extension_call},
    {"extension_presence", extension_presence},
    {"extension_agent_status", extension_agent_status},
    {"call_start", call_start},
    {"call_update_info", call_update_info},
    {"call_cdr", call_cdr},
    // The vendor shows one of them; the others are taken to be alike.
    {"cdr_target_add", cdr_target},
    {"cdr_target_ringing", cdr_target},
    {"cdr_target_answer", cdr_target},
    {"cdr_target_noanswer", cdr_target},
    {"cdr_target_fail", cdr_target},
    {"cdr_target_end", cdr_target},
    {"queue_created", managed_queue},
    {"queue_updated", managed_queue},
    {"queue_destroy", managed_queue},
    {"queue_status", queue_status},
    {"queue_caller_status", queue_caller_status},
    {"queue_agent_status", queue_agent_status},
    {"queue_sla_breached", queue_sla_breached},
    {"bridge_link", bridge_link},
    {"bridge_gap", bridge_gap},
    {"bridge_status", bridge_status},
    {"bridge_home_assistant", bridge_home_assistant},
    {"state_extension", state_extension},
    {"state_agent", state_agent},
    {"state_queue", state_queue},
    {"state_call", state_call},
};

}  // namespace

std::span<const std::string_view> payload_fields(std::string_view event_type) {
  for (const Fields& fields : all)
    if (fields.event_type == event_type) return fields.names;
  return {};
}

}  // namespace pbxbridge::event
