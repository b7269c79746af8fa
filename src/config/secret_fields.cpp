#include "config/secret_fields.hpp"

#include "config/config.hpp"
#include "config/schema/secret_names.hpp"

#include <algorithm>

namespace pbxbridge::config {

namespace {

/// Judges the keys of a map whose field has no rule of its own.
bool names_secret(std::string_view key) { return may_name_secret(key, {}); }

}  // namespace

SecretFields::SecretFields(std::span<const SinkType> sink_types) {
  gather(Config::schema());
  for (const SinkType& type : sink_types) {
    gather(type.schema());
    if (type.options_schema != nullptr) gather(type.options_schema());
  }
}

bool SecretFields::contains(std::string_view map, std::string_view key) const {
  if (names_.contains(key)) return true;
  const auto rules = rules_of_maps_.equal_range(map);
  return std::any_of(rules.first, rules.second, [key](const auto& rule) { return rule.second(key); });
}

void SecretFields::gather(const SchemaBase& schema) {
  for (const Field& field : schema.fields()) {
    if (field.type.kind == TypeDescription::Kind::secret) names_.insert(field.name);
    if (field.type.kind == TypeDescription::Kind::map)
      rules_of_maps_.emplace(field.name, field.text.is_secret_key ? field.text.is_secret_key : names_secret);
    const TypeDescription& type = field.type.element ? *field.type.element : field.type;
    if (type.object != nullptr) gather(type.object());
  }
}

}  // namespace pbxbridge::config
