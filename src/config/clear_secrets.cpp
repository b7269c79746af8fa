#include "config/clear_secrets.hpp"

#include "config/config.hpp"
#include "config/schema/exposure.hpp"
#include "pbxbridge/sink_type.hpp"

#include <map>
#include <set>
#include <string>
#include <utility>

namespace pbxbridge::config {

namespace {

void gather_secrets(const SchemaBase& schema, std::set<std::string_view>& names) {
  for (const Field& field : schema.fields()) {
    if (field.type.kind == TypeDescription::Kind::secret) names.insert(field.name);
    const TypeDescription& type = field.type.element ? *field.type.element : field.type;
    if (type.object != nullptr) gather_secrets(type.object(), names);
  }
}

/// Visits the entries whose values are secrets.
template <class Visit>
void for_each_secret(const Node& node, const std::set<std::string_view>& names, const Visit& visit) {
  for (const Node::Entry& entry : node.entries()) {
    if (entry.value.is_scalar() && names.contains(entry.key))
      visit(entry);
    else
      for_each_secret(entry.value, names, visit);
  }
  for (const Node& item : node.items()) for_each_secret(item, names, visit);
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

bool holds_secrets_in_clear(const Node& document, std::span<const SinkType> sink_types,
                            const SubstitutedValues& substituted) {
  bool holds_one = false;
  for_each_secret(document, secret_fields(sink_types), [&](const Node::Entry& secret) {
    const auto found = substituted.find(place_of(secret.value.location()));
    const bool takes_default = found != substituted.end() && found->second.takes_default;
    // A value that stands in the file itself is the only one that is ever quoted.
    holds_one = holds_one || takes_default || secret.value.quoted().starts_with('"');
  });
  return holds_one;
}

void warn_of_exposed_files(const Node& document, std::span<const SinkType> sink_types,
                           const SubstitutedValues& substituted, Report& report) {
  if (substituted.empty()) return;
  std::set<std::pair<int, int>> seen;            // an alias repeats its place
  std::map<std::string, std::string> exposures;  // each file is looked at once
  for_each_secret(document, secret_fields(sink_types), [&](const Node::Entry& secret) {
    const auto found = substituted.find(place_of(secret.value.location()));
    if (found == substituted.end() || !seen.insert(found->first).second) return;
    for (const std::string& file : std::set(found->second.files.begin(), found->second.files.end())) {
      const auto [exposure, is_new] = exposures.try_emplace(file);
      if (is_new) exposure->second = exposed_to_readers(file);
      if (!exposure->second.empty()) report.warning(secret.value.location(), secret.key + ": " + exposure->second);
    }
  });
}

}  // namespace pbxbridge::config
