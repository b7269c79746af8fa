#include "derive/state/documents.hpp"

#include "event/content_hash.hpp"
#include "pbxbridge/event.hpp"
#include "text/json_string.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace pbxbridge::derive::state {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> pressing_presences = {
    {{"DO_NOT_DISTURB", "do_not_disturb"}, {"AWAY", "away"}, {"LUNCH", "lunch"}, {"BUSINESS_TRIP", "business_trip"}}};

/// Names of the fields that count agents, by their state; empty where none does.
constexpr std::array<std::string_view, enum_count<AgentState>> agent_fields = {
    "agents_ready",     "agents_queue_call", "agents_wrap_up", "agents_other_call",
    "agents_not_ready", "agents_logged_out", "agents_offline", ""};

constexpr std::array<EntityKind, enum_count<DocumentType>> entity_kinds = {EntityKind::extension, EntityKind::agent,
                                                                           EntityKind::queue, EntityKind::session};

std::string agent_entity(std::string_view queue_id, std::string_view extension) {
  return fmt::format("{}.{}", queue_id, extension);
}

}  // namespace

std::string_view state_of(const ExtensionRow& row) {
  if (!row.online && !row.push_online) return "offline";
  if (row.call_status == "ON_CALL") return "on_call";
  if (row.call_status == "RINGING") return "ringing";
  for (const auto& [presence, state] : pressing_presences)
    if (row.presence == presence) return state;
  return "available";
}

NewEventPtr Documents::extension(const Occasion& occasion, std::string_view number, const ExtensionRow& row) {
  constexpr auto type = DocumentType::extension;
  begin(occasion, type);
  put_extension(number, row);
  put("state", state_of(row));
  put_flag("online", row.online);
  put_flag("push_online", row.push_online);
  put("presence", row.presence);
  put("presence_note", row.presence_note);
  put("call_status", row.call_status);
  put("since", row.since);
  return end(occasion, type, number, row.updated);
}

NewEventPtr Documents::extension_removed(const Occasion& occasion, std::string_view number, const ExtensionRow& row) {
  constexpr auto type = DocumentType::extension;
  begin(occasion, type);
  put_extension(number, row);
  return end_removed(occasion, type, number);
}

void Documents::put_extension(std::string_view number, const ExtensionRow& row) {
  put("extension", number);
  put("extension_id", row.id);
  put("name", row.name);
}

void Documents::put_queue(std::string_view id, const QueueRow& row) {
  put("queue_id", id);
  put("queue_number", row.number);
  put("name", row.name);
}

void Documents::put_call(std::string_view session, const CallRow& row) {
  put("session", session);
  put("direction", row.direction);
}

void Documents::put_agent(std::string_view queue_id, const QueueRow& queue, std::string_view extension,
                          std::string_view extension_name) {
  put("queue_id", queue_id);
  put("queue_number", queue.number);
  put("queue_name", queue.name);
  put("extension", extension);
  put("name", extension_name);
}

NewEventPtr Documents::agent(const Occasion& occasion, std::string_view queue_id, const QueueRow& queue,
                             std::string_view extension, std::string_view extension_name, const AgentRow& row) {
  constexpr auto type = DocumentType::agent;
  begin(occasion, type);
  put_agent(queue_id, queue, extension, extension_name);
  put("state", to_string(row.state));
  put("since", row.since);
  put("session", row.session);
  return end(occasion, type, agent_entity(queue_id, extension), row.updated);
}

NewEventPtr Documents::agent_removed(const Occasion& occasion, std::string_view queue_id, const QueueRow& queue,
                                     std::string_view extension, std::string_view extension_name) {
  constexpr auto type = DocumentType::agent;
  begin(occasion, type);
  put_agent(queue_id, queue, extension, extension_name);
  return end_removed(occasion, type, agent_entity(queue_id, extension));
}

NewEventPtr Documents::queue(const Occasion& occasion, std::string_view id, const Queue& queue) {
  constexpr auto type = DocumentType::queue;
  const auto put_count = [this](std::string_view name, std::uint64_t number) {
    put(name, static_cast<std::int64_t>(number));
  };
  begin(occasion, type);
  put_queue(id, queue.row);
  put_count("waiting", queue.counts.waiting);
  put_count("callbacks", queue.counts.callbacks);
  put("longest_wait_since", queue.longest_wait_since());
  for (std::size_t state = 0; state < agent_fields.size(); ++state)
    if (!agent_fields[state].empty()) put_count(agent_fields[state], queue.counts.agents[state]);
  const QueueRow::Totals& totals = queue.row.totals;
  put_count("entered", totals.entered);
  put_count("answered", totals.answered);
  put_count("abandoned", totals.abandoned);
  put_count("overflowed", totals.overflowed);
  put_count("called_back", totals.called_back);
  put_count("sla_breached", totals.sla_breached);
  return end(occasion, type, id, queue.row.updated);
}

NewEventPtr Documents::queue_removed(const Occasion& occasion, std::string_view id, const QueueRow& row) {
  constexpr auto type = DocumentType::queue;
  begin(occasion, type);
  put_queue(id, row);
  return end_removed(occasion, type, id);
}

NewEventPtr Documents::call(const Occasion& occasion, std::string_view session, const CallRow& row,
                            std::string_view ended_by) {
  constexpr auto type = DocumentType::call;
  begin(occasion, type);
  put_call(session, row);
  if (numbers_) {
    put("caller", row.caller);
    put("callee", row.callee);
  }
  put("status", to_string(row.status));
  if (!ended_by.empty()) put("ended_by", ended_by);
  put("started", row.started);
  put("answered", row.answered);
  return end(occasion, type, session, row.updated);
}

NewEventPtr Documents::call_removed(const Occasion& occasion, std::string_view session, const CallRow& row) {
  constexpr auto type = DocumentType::call;
  begin(occasion, type);
  put_call(session, row);
  return end_removed(occasion, type, session);
}

void Documents::begin(const Occasion& occasion, DocumentType type) {
  payload_ = R"({"event_type":")";
  payload_ += to_string(type);
  payload_ += '"';
  put("pbx", occasion.pbx);
  put("tenant", occasion.tenant);
}

void Documents::put(std::string_view name, std::string_view text) {
  payload_.append(",\"").append(name).append("\":");
  text::append_json_string(payload_, text);
}

void Documents::put(std::string_view name, std::int64_t number) {
  const fmt::format_int digits(number);
  payload_.append(",\"").append(name).append("\":").append(digits.data(), digits.size());
}

void Documents::put_flag(std::string_view name, bool flag) {
  payload_.append(",\"").append(name).append(flag ? "\":true" : "\":false");
}

NewEventPtr Documents::end(const Occasion& occasion, DocumentType type, std::string_view entity, Seconds updated) {
  put("updated", updated);
  put("event_id", cause_placeholder);
  payload_ += '}';
  return make(occasion, type, entity, false);
}

NewEventPtr Documents::end_removed(const Occasion& occasion, DocumentType type, std::string_view entity) {
  put_flag("removed", true);
  payload_ += '}';
  return make(occasion, type, entity, true);
}

NewEventPtr Documents::make(const Occasion& occasion, DocumentType type, std::string_view entity, bool is_removal) {
  return Event::make(payload_, {.pbx = occasion.pbx,
                                .event_type = to_string(type),
                                .tenant = occasion.tenant,
                                .entity = entity,
                                .entity_kind = entity_kinds[static_cast<std::size_t>(type)],
                                .family = Family::state,
                                .payload_kind = PayloadKind::json_object,
                                .event_time = occasion.event_time,
                                .received_at = occasion.at,
                                .connection_epoch = occasion.connection_epoch,
                                .content_hash = event::content_hash(occasion.pbx, payload_, hashed_),
                                .is_removal = is_removal,
                                .is_snapshot = false});
}

}  // namespace pbxbridge::derive::state
