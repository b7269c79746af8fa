#include "asyncapi/message_form.hpp"

#include "event/json_document.hpp"
#include "pbxbridge/event.hpp"
#include "route/destination.hpp"
#include "route/event_fields.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace pbxbridge::asyncapi {

namespace {

using Json = nlohmann::ordered_json;
using Properties = decltype(ComposedMessage::properties);

constexpr std::string_view enveloped = "data";

/// Has every attribute.
NewEventPtr full_event() {
  const SystemTime time = std::chrono::sys_days(std::chrono::year(2026) / 5 / 31);
  NewEventPtr event =
      Event::make(R"({"event_type":"call_cdr"})", {.pbx = "hq",
                                                   .event_type = "call_cdr",
                                                   .tenant = "tenant",
                                                   .entity = "entity",
                                                   .entity_kind = EntityKind::session,
                                                   .family = Family::cdr,
                                                   .payload_kind = PayloadKind::json_object,
                                                   .event_time = std::chrono::floor<std::chrono::seconds>(time),
                                                   .received_at = time,
                                                   .connection_epoch = 1,
                                                   .content_hash = {1},
                                                   .is_snapshot = true});
  event->accept(Sequence::first_of(1), SpoolId{1});
  return event;
}

/// Has the attributes that none lacks, and is no JSON.
NewEventPtr bare_event() {
  const SystemTime time = std::chrono::sys_days(std::chrono::year(2027) / 6 / 1);
  NewEventPtr event = Event::make("untidy", {.pbx = "branch",
                                             .event_type = {},
                                             .tenant = {},
                                             .entity = {},
                                             .event_time = {},
                                             .received_at = time,
                                             .connection_epoch = 2,
                                             .content_hash = {2}});
  event->accept(Sequence::first_of(2), SpoolId{2});
  return event;
}

Json json_of(const ComposedMessage::Value& value) {
  return std::visit([](const auto& each) { return Json(each); }, value);
}

/// The value under a name in a list of pairs.
template <class Pairs>
auto find(const Pairs& pairs, std::string_view name) {
  const auto found = std::ranges::find(pairs, name, [](const auto& pair) { return std::string_view(pair.first); });
  return found == pairs.end() ? std::nullopt : std::optional(found->second);
}

/// Texts by name: those of both are in every message, and those with one value always have it.
Json schema_of_texts(const std::vector<std::pair<std::string, std::string>>& full,
                     const std::vector<std::pair<std::string, std::string>>& bare) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const auto& [name, text] : full) {
    const auto in_bare = find(bare, name);
    properties[name] = {{"type", "string"}};
    if (in_bare) required.push_back(name);
    if (in_bare == text) properties[name]["const"] = text;
  }
  Json schema = {{"type", "object"}, {"properties", std::move(properties)}};
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

/// The object's members but for the event's own payload. Nothing where `payload` is no envelope.
std::optional<std::vector<std::pair<std::string, std::string>>> envelope_texts(const ComposedMessage& message,
                                                                               const Event& event) {
  if (message.payload == event.payload()) return std::nullopt;
  const Json object = Json::parse(message.payload, nullptr, false);
  if (!object.is_object() || !object.contains(enveloped)) return std::nullopt;
  std::vector<std::pair<std::string, std::string>> texts;
  for (const auto& [name, value] : object.items())
    if (name != enveloped && value.is_string()) texts.emplace_back(name, value.get<std::string>());
  return texts;
}

std::optional<std::string> content_type_of(const ComposedMessage& message) {
  if (const auto property = find(message.properties, "content_type")) return std::get<std::string>(*property);
  return find(message.headers, "content-type");
}

Json channel_bindings(const std::string& bindings, const Properties& properties) {
  const auto exchange = find(properties, "exchange");
  if (bindings != "amqp" || !exchange) return Json::object();
  return {{"amqp", {{"is", "routingKey"}, {"exchange", {{"name", json_of(*exchange)}}}, {"bindingVersion", "0.3.0"}}}};
}

Json message_bindings(const std::string& bindings, const std::string& key) {
  if (bindings != "kafka" || key.empty()) return Json::object();
  const Json schema = {{"type", "string"}, {"description", "From the event: `" + key + "`."}};
  return {{"kafka", {{"key", schema}, {"bindingVersion", "0.5.0"}}}};
}

struct Composed {
  EventPtr event;
  ComposedMessage message;
};

Composed composed(const route::Destination& destination, const config::SinkConfig& sink, const SinkType& type,
                  NewEventPtr event, bool redelivery) {
  event::JsonDocument parsed;
  route::EventFields fields(*event, parsed);
  const route::Routed routed = destination.render(fields);
  Composed made{std::move(event), {}};
  made.message.payload = made.event->payload();
  if (type.compose != nullptr)
    made.message = type.compose(*sink.settings, {.token = 1,
                                                 .event = made.event,
                                                 .topic = routed.topic,
                                                 .key = routed.key,
                                                 .options = routed.options,
                                                 .redelivery = redelivery});
  return made;
}

}  // namespace

Json operation_bindings(const std::string& bindings, const Properties& properties) {
  constexpr std::pair<std::string_view, std::string_view> of_mqtt[] = {
      {"qos", "qos"}, {"retain", "retain"}, {"message_expiry_interval", "messageExpiryInterval"}};
  if (bindings != "mqtt") return Json::object();
  Json mqtt = Json::object();
  for (const auto& [ours, theirs] : of_mqtt)
    if (const auto value = find(properties, ours)) mqtt[std::string(theirs)] = json_of(*value);
  mqtt["bindingVersion"] = "0.2.0";
  return {{"mqtt", std::move(mqtt)}};
}

MessageForm message_form(const config::DestinationConfig& destination, const config::SinkConfig& sink,
                         const SinkType& type, std::span<const SinkType> types, const std::string& bindings) {
  config::Report report;  // has nothing to say: the configuration has no errors
  const auto compiled = route::Destination::compile(destination, type, types, sink, report);
  const auto [full_event, full] = composed(compiled, sink, type, asyncapi::full_event(), true);
  const auto [bare_event, bare] = composed(compiled, sink, type, asyncapi::bare_event(), false);
  MessageForm form{.trait = Json::object(), .envelope = nullptr, .channel_bindings = {}, .operation_bindings = {}};
  if (const auto content_type = content_type_of(full)) form.trait["contentType"] = *content_type;
  if (!full.headers.empty()) form.trait["headers"] = schema_of_texts(full.headers, bare.headers);
  if (auto of_message = message_bindings(bindings, destination.key.value); !of_message.empty())
    form.trait["bindings"] = std::move(of_message);
  if (const auto texts = envelope_texts(full, *full_event))
    form.envelope = schema_of_texts(*texts, envelope_texts(bare, *bare_event).value());
  form.channel_bindings = asyncapi::channel_bindings(bindings, full.properties);
  form.operation_bindings = asyncapi::operation_bindings(bindings, full.properties);
  return form;
}

}  // namespace pbxbridge::asyncapi
