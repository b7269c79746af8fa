#include "asyncapi/address.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <variant>

namespace pbxbridge::asyncapi {

namespace {

using Json = nlohmann::ordered_json;
using route::Attribute;
using route::PossibleEvent;
using Placeholder = route::Template::Placeholder;

/// A parameter's name has letters, digits, `_` and `-`.
std::string parameter_name(std::string_view field) {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  std::string name(field);
  std::ranges::replace_if(
      name, [&](char letter) { return allowed.find(letter) == std::string_view::npos; }, '_');
  return name;
}

/// Returns nothing where more than the kind of an event decides.
std::optional<std::string_view> value_of(Attribute attribute, const PossibleEvent& event) {
  switch (attribute) {
    case Attribute::pbx:
      return event.pbx->name;
    case Attribute::family:
      return to_string(event.type ? event.type->family : Family::unknown);
    case Attribute::event_type:
      if (event.type) return event.type->name;
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

std::string_view meaning_of(Attribute attribute) {
  switch (attribute) {
    case Attribute::pbx:
      return "Name of the PBX in the configuration.";
    case Attribute::family:
      return "Family of the event's type.";
    case Attribute::event_type:
      return "Type of the event.";
    case Attribute::tenant:
      return "Tenant of the PBX.";
    case Attribute::entity:
      return "What the event is about: number of an extension, id of a queue, id of a session, name of a PBX.";
    case Attribute::entity_kind:
      return "Kind of what the event is about.";
    case Attribute::id:
      return "Id of the event.";
    case Attribute::content_hash:
      return "Hash of PBX and payload.";
    case Attribute::snapshot:
      return "\"true\" where the PBX pushes its present state.";
    case Attribute::date:
      return "Day on which the event came, UTC, as 2026-05-31.";
    default:
      return "Attribute of the event.";
  }
}

/// Returns nothing where one event's value is not known.
std::optional<std::set<std::string>> values_of(Attribute attribute, const std::vector<PossibleEvent>& events) {
  std::set<std::string> values;
  for (const PossibleEvent& event : events) {
    const auto value = value_of(attribute, event);
    if (!value) return std::nullopt;
    values.emplace(*value);
  }
  return values;
}

Json parameter_of(const Placeholder& placeholder, const std::vector<PossibleEvent>& events) {
  Json parameter = Json::object();
  if (const auto* const attribute = std::get_if<Attribute>(&placeholder.field)) {
    parameter["description"] = meaning_of(*attribute);
    if (const auto values = values_of(*attribute, events)) parameter["enum"] = *values;
  } else {
    parameter["description"] = "Field `" + placeholder.name + "` of the event.";
  }
  if (placeholder.default_text) parameter["default"] = *placeholder.default_text;
  return parameter;
}

}  // namespace

std::optional<std::string> address_of(const route::Template& topic) {
  std::string address;
  for (const auto& part : topic.parts()) {
    if (const auto* const placeholder = std::get_if<Placeholder>(&part)) {
      address += "{" + parameter_name(placeholder->name) + "}";
      continue;
    }
    const auto& literal = std::get<std::string>(part);
    if (literal.find_first_of("{}") != std::string::npos) return std::nullopt;
    address += literal;
  }
  return address;
}

Json parameters_of(const route::Template& topic, const std::vector<PossibleEvent>& events) {
  Json parameters = Json::object();
  for (const auto& part : topic.parts())
    if (const auto* const placeholder = std::get_if<Placeholder>(&part))
      parameters[parameter_name(placeholder->name)] = parameter_of(*placeholder, events);
  return parameters;
}

}  // namespace pbxbridge::asyncapi
