// The JSON Schema.

#include "config/config.hpp"
#include "config/generated_documents.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace pbxbridge::config {

namespace {

using nlohmann::ordered_json;
using Kind = TypeDescription::Kind;

using Types = std::span<const SinkType>;

ordered_json object_schema(const SchemaBase& schema, Types types);

/// `${VAR}` may stand in place of any scalar.
ordered_json or_substitution(ordered_json schema) {
  return {{"anyOf", {std::move(schema), {{"type", "string"}, {"pattern", "\\$\\{"}}}}};
}

ordered_json with_limits(ordered_json schema, const FieldText& text) {
  if (text.minimum) schema["minimum"] = *text.minimum;
  if (text.maximum) schema["maximum"] = *text.maximum;
  return schema;
}

ordered_json choice_schema(const TypeDescription& type) {
  ordered_json values = ordered_json::array();
  for (const std::string_view choice : type.choices) {
    values.push_back(choice);
    // Written without quotes, YAML takes it for a number.
    if (choice.find_first_not_of("0123456789") == std::string_view::npos)
      values.push_back(std::stoi(std::string(choice)));
  }
  return or_substitution({{"enum", std::move(values)}});
}

/// A map of field names to one pattern or several, and once more under `not`.
ordered_json match_schema() {
  const ordered_json scalar = {{"type", {"string", "number", "boolean"}}};
  const ordered_json patterns = {{"anyOf", {scalar, {{"type", "array"}, {"minItems", 1}, {"items", scalar}}}}};
  const ordered_json excluded = {{"type", "object"}, {"minProperties", 1}, {"additionalProperties", patterns}};
  return {{"type", "object"}, {"properties", {{"not", excluded}}}, {"additionalProperties", patterns}};
}

ordered_json value_schema(const TypeDescription& type, const FieldText& text, Types types) {
  switch (type.kind) {
    case Kind::text:
    case Kind::path:
    case Kind::secret:
      return {{"type", {"string", "number", "boolean"}}};
    case Kind::boolean:
      return or_substitution({{"type", "boolean"}});
    case Kind::integer:
      return or_substitution(with_limits({{"type", "integer"}}, text));
    case Kind::number:
      return or_substitution(with_limits({{"type", "number"}}, text));
    case Kind::duration:
      return or_substitution({{"type", "string"}, {"pattern", "^[0-9]+(ms|s|m|h|d)$"}});
    case Kind::size:
      return or_substitution({{"type", "string"}, {"pattern", "^[0-9]+(B|KiB|MiB|GiB|TiB|kB|MB|GB)$"}});
    case Kind::choice:
      return choice_schema(type);
    case Kind::object:
      return object_schema(type.object(), types);
    case Kind::match:
      return match_schema();
    case Kind::map:
      return {{"type", "object"}, {"additionalProperties", value_schema(*type.element, text, types)}};
    case Kind::list: {
      const ordered_json item = value_schema(*type.element, text, types);
      const ordered_json list = {{"type", "array"}, {"items", item}};
      return text.or_single ? ordered_json{{"anyOf", {item, list}}} : list;
    }
  }
  return {};
}

struct Fields {
  ordered_json properties = ordered_json::object();
  ordered_json required = ordered_json::array();
  ordered_json all_of = ordered_json::array();
};

void add_secret(const Field& field, Fields& fields) {
  const std::string file = field.name + "_file";
  fields.properties[file] = {{"type", "string"},
                             {"description", "A file that holds it, instead of `" + field.name + "`."}};
  const ordered_json value_given = {{"required", {field.name}}};
  const ordered_json file_given = {{"required", {file}}};
  if (field.text.required)
    fields.all_of.push_back({{"oneOf", {value_given, file_given}}});
  else
    fields.all_of.push_back({{"not", {{"required", {field.name, file}}}}});
}

void add_fields(const SchemaBase& schema, Types types, Fields& fields) {
  for (const Field& field : schema.fields()) {
    ordered_json property = value_schema(field.type, field.text, types);
    property["description"] = field.text.text;
    fields.properties[field.name] = std::move(property);
    if (field.type.kind == Kind::secret)
      add_secret(field, fields);
    else if (field.text.required)
      fields.required.push_back(field.name);
  }
}

ordered_json object_schema_of(Fields fields) {
  ordered_json object = {
      {"type", "object"}, {"additionalProperties", false}, {"properties", std::move(fields.properties)}};
  if (!fields.required.empty()) object["required"] = std::move(fields.required);
  if (!fields.all_of.empty()) object["allOf"] = std::move(fields.all_of);
  return object;
}

/// The options of all types, for a schema cannot tell of which type the sink of that name is. Where two types have
/// different ones of the same name, each of them will do.
void add_destination_options(Types types, Fields& fields) {
  for (const SinkType& type : types) {
    if (type.options_schema == nullptr) continue;
    Fields own;
    add_fields(type.options_schema(), types, own);
    for (auto& [name, property] : own.properties.items()) {
      auto& known = fields.properties[name];
      if (known.is_null())
        known = property;
      else if (known != property)
        known = {{"anyOf", {known, property}}};
    }
  }
}

ordered_json object_schema(const SchemaBase& schema, Types types) {
  Fields fields;
  add_fields(schema, types, fields);
  if (&schema == &DestinationConfig::schema()) add_destination_options(types, fields);
  return object_schema_of(std::move(fields));
}

/// One branch a type, so that an editor offers the type's own fields.
ordered_json sink_schema(Types sink_types) {
  ordered_json names = ordered_json::array();
  ordered_json branches = ordered_json::array();
  for (const SinkType& type : sink_types) {
    names.push_back(type.name);
    Fields fields;
    add_fields(SinkConfig::schema(), sink_types, fields);
    add_fields(type.schema(), sink_types, fields);
    branches.push_back(
        {{"if", {{"properties", {{"type", {{"const", type.name}}}}}}}, {"then", object_schema_of(std::move(fields))}});
  }
  return {{"type", "object"},
          {"required", {"type"}},
          {"properties", {{"type", {{"enum", std::move(names)}}}}},
          {"allOf", std::move(branches)}};
}

}  // namespace

std::string json_schema(std::span<const SinkType> sink_types) {
  ordered_json schema = {{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", "pbxbridge configuration"}};
  schema.update(object_schema(Config::schema(), sink_types));
  schema["properties"]["sinks"]["additionalProperties"] = sink_schema(sink_types);
  return schema.dump(2) + "\n";
}

}  // namespace pbxbridge::config
