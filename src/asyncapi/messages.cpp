#include "asyncapi/messages.hpp"

#include "asyncapi/event_schemas.hpp"

#include <algorithm>

namespace pbxbridge::asyncapi {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view unknown = "unknown";

bool is_of_version_16(const route::PossibleEvent& event) {
  return event.type && event.pbx->dialect == config::Dialect::v16 && !is_own(event.type->family);
}

std::string_view summary_of(const route::PossibleEvent& event) {
  if (!event.type) return "A push of a type that is not known; it may not be JSON.";
  if (event.type->name == config::home_assistant_event_type)
    return "A discovery message of Home Assistant for one device; no bytes where it is taken back.";
  if (is_of_version_16(event))
    return "Version 16 names the event and shows no shape: the schema is what the simulated PBX sends.";
  return {};
}

std::string envelope_name(const std::string& form) { return "cloudevent." + form; }

}  // namespace

std::string Messages::name_of(const std::string& sink, const MessageForm& form) {
  std::string name = sink;
  for (int i = 2;; name = sink + "." + std::to_string(i++)) {
    const auto found = std::ranges::find(forms_, name, &std::pair<std::string, MessageForm>::first);
    if (found == forms_.end()) break;
    if (found->second.trait == form.trait && found->second.envelope == form.envelope) return name;
  }
  forms_.emplace_back(name, form);
  return name;
}

std::string Messages::add(const std::string& sink, const MessageForm& form, const route::PossibleEvent& event) {
  const std::string form_name = name_of(sink, form);
  const std::string type(event.type ? event.type->name : unknown);
  std::string name = type + (is_of_version_16(event) ? ".v16" : "") + "." + form_name;
  if (messages_.contains(name)) return name;
  Json payload = Json::object();
  if (event.type && has_schema(type)) {
    payload = reference(schema_reference(type));
    event_types_.insert(type);
  }
  if (!form.envelope.is_null())
    payload = {{"allOf",
                {reference(schema_reference(envelope_name(form_name))),
                 {{"type", "object"}, {"properties", {{"data", std::move(payload)}}}}}}};
  Json message = {{"name", type}, {"payload", std::move(payload)}};
  if (const auto summary = summary_of(event); !summary.empty()) message["summary"] = summary;
  if (!form.trait.empty()) message["traits"] = Json::array({reference("#/components/messageTraits/" + form_name)});
  messages_[name] = std::move(message);
  return name;
}

Json Messages::components() const {
  Json schemas = component_schemas(event_types_);
  Json traits = Json::object();
  for (const auto& [name, form] : forms_) {
    if (!form.trait.empty()) traits[name] = form.trait;
    if (!form.envelope.is_null()) schemas[envelope_name(name)] = form.envelope;
  }
  return {{"schemas", std::move(schemas)}, {"messages", messages_}, {"messageTraits", std::move(traits)}};
}

}  // namespace pbxbridge::asyncapi
