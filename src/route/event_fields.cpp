#include "route/event_fields.hpp"

#include "event/event_types.hpp"
#include "pbxbridge/event.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace pbxbridge::route {

namespace {

using simdjson::dom::element;

std::optional<element> child(element parent, const std::string& name) {
  element found;
  if (parent.is_object()) {
    if (parent.at_key(name).get(found) == simdjson::SUCCESS) return found;
    return std::nullopt;
  }
  simdjson::dom::array array;
  if (parent.get(array) != simdjson::SUCCESS) return std::nullopt;
  const auto index = event::array_index(name);
  if (!index) return std::nullopt;
  if (array.at(*index).get(found) != simdjson::SUCCESS) return std::nullopt;
  return found;
}

std::string utc_date(SystemTime time) {
  const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(time));
  std::array<char, 32> text;
  const int size = std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(day.year()),
                                 static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
  return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace

Family EventFields::family() const { return event_.family(); }

std::optional<Family> EventFields::forged_family() const {
  if (is_own(family())) return std::nullopt;
  const auto types = event::own_event_types();
  const auto type = std::ranges::find(types, event_.event_type(), &event::EventType::name);
  return type == types.end() ? std::nullopt : std::optional(type->family);
}

std::optional<std::string_view> EventFields::find(const Field& field) {
  if (const auto* const path = std::get_if<PayloadPath>(&field)) return find_in_payload(*path);
  const auto text = find_attribute(std::get<Attribute>(field));
  return text && !text->empty() ? text : std::nullopt;
}

std::optional<std::string_view> EventFields::find_attribute(Attribute attribute) {
  switch (attribute) {
    case Attribute::pbx:
      return event_.pbx();
    case Attribute::family:
      return to_string(event_.family());
    case Attribute::event_type:
      return event_.event_type();
    case Attribute::tenant:
      return event_.tenant();
    case Attribute::entity:
      return event_.entity();
    case Attribute::entity_kind:
      return to_string(event_.entity_kind());
    case Attribute::id:
      return made_ = event_.id();
    case Attribute::content_hash:
      return made_ = event_.content_hash_hex();
    case Attribute::snapshot:
      return event_.is_snapshot() ? std::optional<std::string_view>("true") : std::nullopt;
    case Attribute::date:
      return made_ = utc_date(event_.received_at());
  }
  return std::nullopt;
}

std::optional<std::string_view> EventFields::find_in_payload(const PayloadPath& path) {
  document_.parse(event_.payload());
  auto value = document_.root();
  for (const auto& name : path) {
    if (!value) return std::nullopt;
    value = child(*value, name);
  }
  return value ? digits_.of(*value, document_, path) : std::nullopt;
}

}  // namespace pbxbridge::route
