#include "pbxbridge/event.hpp"

namespace pbxbridge {

namespace {

constexpr std::array<std::string_view, family_count> family_names{
    "extension_management", "extension", "cdr", "queue_management", "queue", "trunk", "unknown"};

}  // namespace

std::string_view to_string(Family family) { return family_names[static_cast<std::size_t>(family)]; }

std::optional<Family> family_from_string(std::string_view name) {
  for (std::size_t i = 0; i < family_names.size(); ++i)
    if (family_names[i] == name) return static_cast<Family>(i);
  return std::nullopt;
}

std::string_view to_string(EntityKind kind) {
  switch (kind) {
    case EntityKind::none:
      return "none";
    case EntityKind::extension:
      return "extension";
    case EntityKind::queue:
      return "queue";
    case EntityKind::session:
      return "session";
    case EntityKind::trunk:
      return "trunk";
  }
  return "none";
}

}  // namespace pbxbridge
