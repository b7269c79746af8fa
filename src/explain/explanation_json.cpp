#include "explain/explanation_json.hpp"

#include "event/untidiness.hpp"
#include "explain/time_text.hpp"
#include "sink/json_text.hpp"
#include "sink/rfc3339.hpp"

#include <string>
#include <variant>

namespace pbxbridge::explain {

namespace {

using Json = nlohmann::ordered_json;

Json or_null(std::string_view text) { return text.empty() ? Json() : Json(text); }

Json event_of(const Explanation& explanation) {
  const Event& event = *explanation.event;
  const auto event_time = event_time_text(event);
  Json json = {{"family", to_string(event.family())},
               {"event_type", or_null(event.event_type())},
               {"entity", or_null(event.entity())},
               {"entity_kind", to_string(event.entity_kind())},
               {"tenant", or_null(event.tenant())},
               {"event_time", event_time ? Json(*event_time) : Json()},
               {"received", sink::rfc3339(event.received_at())},
               {"id", event.id()},
               {"content_hash", event.content_hash_hex()},
               {"bytes", event.payload().size()}};
  json["untidy"] = event::names_of(explanation.untidiness);
  return json;
}

Json unmet_of(const route::UnmetCondition& unmet) {
  return {{"field", unmet.field},
          {"not", unmet.is_excluded},
          {"line", unmet.location.line},
          {"expected", unmet.patterns},
          {"found", unmet.found ? Json(*unmet.found) : Json()}};
}

Json message_of(const Message& message) {
  const route::Routed& routed = message.routed;
  Json json = {{"sink", message.sink},        {"type", message.sink_type},   {"topic", or_null(routed.topic)},
               {"fallback", routed.fallback}, {"key", or_null(routed.key)},  {"key_missing", routed.key_missing},
               {"headers", Json::array()},    {"properties", Json::object()}};
  for (const auto& [name, value] : message.composed.headers) {
    Json header = {{"name", name}};
    add_bytes(header, "value", value);
    json["headers"].push_back(std::move(header));
  }
  for (const auto& [name, value] : message.composed.properties)
    json["properties"][name] = std::visit([](const auto& held) { return Json(held); }, value);
  add_bytes(json, "payload", message.composed.payload);
  json["rejected"] = message.composed.rejected ? Json(*message.composed.rejected) : Json();
  return json;
}

Json route_of(const RouteOutcome& route, std::size_t number) {
  Json json = {{"route", number}, {"line", route.location.line}, {"takes", route.unmet.empty()}};
  json["unmet"] = Json::array();
  for (const auto& unmet : route.unmet) json["unmet"].push_back(unmet_of(unmet));
  json["messages"] = Json::array();
  for (const Message& message : route.messages) json["messages"].push_back(message_of(message));
  return json;
}

}  // namespace

void add_bytes(Json& json, std::string_view name, std::string_view bytes) {
  if (sink::is_utf8(bytes)) {
    json[std::string(name)] = bytes;
    return;
  }
  std::string encoded;
  sink::append_base64(encoded, bytes);
  json[std::string(name) + "_base64"] = std::move(encoded);
}

Json to_json(const Explanation& explanation, std::uint64_t line) {
  Json json = {{"line", line}, {"pbx", explanation.pbx}};
  json["event"] = explanation.event ? event_of(explanation) : Json();
  if (!explanation.event) json["not_an_event"] = explanation.not_an_event;
  json["feeds"] = explanation.feeds;
  json["routes"] = Json::array();
  for (std::size_t i = 0; i < explanation.routes.size(); ++i)
    json["routes"].push_back(route_of(explanation.routes[i], i + 1));
  return json;
}

}  // namespace pbxbridge::explain
