#include "event/top_level_fields.hpp"

#include <xxhash.h>

#include <algorithm>

namespace pbxbridge::event {

void TopLevelFields::read(simdjson::dom::object object) {
  fields_.clear();
  for (const auto field : object) fields_.emplace_back(field.key, field.value);
}

std::optional<simdjson::dom::element> TopLevelFields::find(std::string_view name) const {
  for (const auto& [field_name, value] : fields_)
    if (field_name == name) return value;
  return std::nullopt;
}

bool TopLevelFields::has_repeated_name() {
  // Sorted hashes: an object of a hundred thousand fields must not cost the square of that.
  name_hashes_.clear();
  for (const auto& [name, value] : fields_) name_hashes_.push_back(XXH3_64bits(name.data(), name.size()));
  std::ranges::sort(name_hashes_);
  return std::ranges::adjacent_find(name_hashes_) != name_hashes_.end();
}

}  // namespace pbxbridge::event
