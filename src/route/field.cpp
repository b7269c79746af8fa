#include "route/field.hpp"

#include "pbxbridge/config/location.hpp"

#include <algorithm>

namespace pbxbridge::route {

const std::vector<std::string_view>& attribute_names() {
  static const std::vector<std::string_view> names = {"pbx",         "family", "event_type",   "tenant",   "entity",
                                                      "entity_kind", "id",     "content_hash", "snapshot", "date"};
  return names;
}

std::optional<Attribute> attribute_from_string(std::string_view name) {
  const auto& names = attribute_names();
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Attribute>(found - names.begin());
}

std::string_view attribute_meant_by(std::string_view name) {
  // Short names are near to too many fields to be worth a word.
  constexpr std::size_t shortest = 5;
  if (attribute_from_string(name)) return {};
  const auto meant = config::did_you_mean(name, attribute_names());
  return meant.size() < shortest || name.starts_with(meant) ? std::string_view() : meant;
}

std::optional<Field> field_from_string(std::string_view name) {
  constexpr std::string_view payload_prefix = "payload.";
  if (name.starts_with(payload_prefix))
    name.remove_prefix(payload_prefix.size());
  else if (const auto attribute = attribute_from_string(name))
    return *attribute;

  PayloadPath path;
  for (std::size_t begin = 0; begin <= name.size();) {
    const auto end = std::min(name.find('.', begin), name.size());
    if (end == begin) return std::nullopt;
    path.emplace_back(name.substr(begin, end - begin));
    begin = end + 1;
  }
  return path;
}

}  // namespace pbxbridge::route
