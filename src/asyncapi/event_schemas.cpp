#include "asyncapi/event_schemas.hpp"

namespace pbxbridge::asyncapi {

// docs/schemas/events as one JSON object, from embed-schemas.cmake.
extern const std::string_view event_schemas;

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view shared = "common";
constexpr std::string_view shared_reference = "common.schema.json#/$defs/";

const Json& all_schemas() {
  static const Json schemas = Json::parse(event_schemas);
  return schemas;
}

std::string shared_name(std::string_view definition) { return std::string(shared) + "." + std::string(definition); }

/// AsyncAPI's schemas are a superset of draft 7, and all are in one document. Notes the shared definitions that it
/// uses.
Json adapted(const Json& schema, std::set<std::string>& used) {
  if (schema.is_array()) {
    Json list = Json::array();
    for (const Json& each : schema) list.push_back(adapted(each, used));
    return list;
  }
  if (!schema.is_object()) return schema;
  Json object = Json::object();
  for (const auto& [key, value] : schema.items()) {
    if (key == "$schema" || key == "$id") continue;
    if (key == "$ref" && value.get_ref<const std::string&>().starts_with(shared_reference)) {
      const std::string definition = value.get_ref<const std::string&>().substr(shared_reference.size());
      used.insert(definition);
      object[key] = schema_reference(shared_name(definition));
    } else {
      object[key] = adapted(value, used);
    }
  }
  return object;
}

}  // namespace

bool has_schema(std::string_view event_type) { return all_schemas().contains(event_type); }

std::string schema_reference(std::string_view name) { return "#/components/schemas/" + std::string(name); }

Json component_schemas(const std::set<std::string>& event_types) {
  Json components = Json::object();
  std::set<std::string> used;
  for (const std::string& type : event_types) components[type] = adapted(all_schemas().at(type), used);
  std::set<std::string> none;  // a shared definition names no other
  for (const std::string& definition : used)
    components[shared_name(definition)] =
        adapted(all_schemas().at(std::string(shared)).at("$defs").at(definition), none);
  return components;
}

}  // namespace pbxbridge::asyncapi
