#include "config/clear_secrets.hpp"

#include "config/config.hpp"
#include "pbxbridge/sink_type.hpp"

#include <algorithm>
#include <set>
#include <string>

namespace pbxbridge::config {

namespace {

void gather_secrets(const SchemaBase& schema, std::set<std::string_view>& names) {
  for (const Field& field : schema.fields()) {
    if (field.type.kind == TypeDescription::Kind::secret) names.insert(field.name);
    const TypeDescription& type = field.type.element ? *field.type.element : field.type;
    if (type.object != nullptr) gather_secrets(type.object(), names);
  }
}

bool holds_any(const Node& node, const std::set<std::string_view>& names) {
  const auto in_entry = [&](const Node::Entry& entry) {
    // A value that stands in the file itself is the only one that is ever quoted.
    if (entry.value.is_scalar() && names.contains(entry.key)) return entry.value.quoted().starts_with('"');
    return holds_any(entry.value, names);
  };
  return std::ranges::any_of(node.entries(), in_entry) ||
         std::ranges::any_of(node.items(), [&](const Node& item) { return holds_any(item, names); });
}

}  // namespace

std::set<std::string_view> secret_fields(std::span<const SinkType> sink_types) {
  std::set<std::string_view> names;
  gather_secrets(Config::schema(), names);
  for (const SinkType& type : sink_types) {
    gather_secrets(type.schema(), names);
    if (type.options_schema != nullptr) gather_secrets(type.options_schema(), names);
  }
  return names;
}

bool holds_secrets_in_clear(const Node& document, std::span<const SinkType> sink_types) {
  return holds_any(document, secret_fields(sink_types));
}

}  // namespace pbxbridge::config
