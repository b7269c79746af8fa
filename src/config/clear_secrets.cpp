#include "config/clear_secrets.hpp"

#include "config/schema/exposure.hpp"
#include "config/secret_fields.hpp"
#include "pbxbridge/sink_type.hpp"

#include <map>
#include <set>
#include <string>
#include <utility>

namespace pbxbridge::config {

namespace {

/// Visits the entries whose values are secrets. `map`: the key of `node`.
template <class Visit>
void for_each_secret(const Node& node, std::string_view map, const SecretFields& secrets, const Visit& visit) {
  for (const Node::Entry& entry : node.entries()) {
    if (entry.value.is_scalar() && secrets.contains(map, entry.key))
      visit(entry);
    else
      for_each_secret(entry.value, entry.key, secrets, visit);
  }
  for (const Node& item : node.items()) for_each_secret(item, map, secrets, visit);
}

}  // namespace

bool holds_secrets_in_clear(const Node& document, std::span<const SinkType> sink_types,
                            const SubstitutedValues& substituted) {
  bool holds_one = false;
  for_each_secret(document, {}, SecretFields(sink_types), [&](const Node::Entry& secret) {
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
  for_each_secret(document, {}, SecretFields(sink_types), [&](const Node::Entry& secret) {
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
