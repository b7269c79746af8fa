#include "route/possible_events.hpp"

#include "event/payload_fields.hpp"
#include "route/field.hpp"
#include "route/glob.hpp"
#include "route/match.hpp"

#include <algorithm>

namespace pbxbridge::route {

namespace {

Taken sure(bool is_met) { return is_met ? Taken::always : Taken::never; }

/// The family that a topic of version 22 brings.
std::optional<Family> family_of_topic(std::string_view topic) {
  constexpr std::string_view global = "global_";
  constexpr std::string_view events = "_events";
  if (topic.starts_with(global)) topic.remove_prefix(global.size());
  if (!topic.ends_with(events)) return std::nullopt;
  topic.remove_suffix(events.size());
  const auto family = enum_from_string<Family>(topic);
  return family && (*family == Family::unknown || is_own(*family)) ? std::nullopt : family;
}

bool matches_any(const std::vector<std::string>& patterns, std::string_view text) {
  return std::ranges::any_of(patterns, [&](const std::string& pattern) { return Glob(pattern).matches(text); });
}

/// A field that is not there meets the empty pattern only.
bool matches_missing(const std::vector<std::string>& patterns) {
  return std::ranges::any_of(patterns, [](const std::string& pattern) { return pattern.empty(); });
}

/// Returns whether a type of that name is never an unknown one: a push under the name of one of pbxbridge's own is
/// taken by no route for it.
bool is_known_type(const std::string& name) {
  return event::find_event_type(name) != nullptr ||
         std::ranges::find(event::own_event_types(), name, &event::EventType::name) != event::own_event_types().end();
}

Taken type_is_met(const std::vector<std::string>& patterns, const event::EventType* type) {
  if (type) return sure(matches_any(patterns, type->name));
  return std::ranges::all_of(patterns, is_known_type) ? Taken::never : Taken::perhaps;
}

Taken kind_is_met(const std::vector<std::string>& patterns, const event::EventType* type) {
  if (!type) return Taken::perhaps;
  const bool as_typed = matches_any(patterns, to_string(type->entity_kind));
  const bool as_none = matches_any(patterns, to_string(EntityKind::none));
  return as_typed == as_none ? sure(as_typed) : Taken::perhaps;
}

Taken field_is_met(const std::vector<std::string>& patterns, const PayloadPath& path, const event::EventType* type) {
  const auto fields = type ? event::payload_fields(type->name) : std::span<const std::string_view>();
  if (fields.empty() || std::ranges::find(fields, path.front()) != fields.end()) return Taken::perhaps;
  return sure(matches_missing(patterns));
}

Taken is_met(const config::MatchCondition& condition, const PossibleEvent& event) {
  const auto field = field_from_string(condition.field);
  if (!field) return Taken::perhaps;
  if (const auto* const path = std::get_if<PayloadPath>(&*field))
    return event.pbx->dialect == config::Dialect::v22 ? field_is_met(condition.patterns, *path, event.type)
                                                      : Taken::perhaps;
  switch (std::get<Attribute>(*field)) {
    case Attribute::pbx:
      return sure(matches_any(condition.patterns, event.pbx->name));
    case Attribute::family:
      return sure(matches_any(condition.patterns, to_string(event.type ? event.type->family : Family::unknown)));
    case Attribute::event_type:
      return type_is_met(condition.patterns, event.type);
    case Attribute::entity_kind:
      return kind_is_met(condition.patterns, event.type);
    default:
      return Taken::perhaps;
  }
}

Taken all_are_met(const std::vector<config::MatchCondition>& conditions, const PossibleEvent& event) {
  Taken all = Taken::always;
  for (const auto& condition : conditions) all = std::min(all, is_met(condition, event));
  return all;
}

/// Types of version 22 are those whose fields the vendor shows.
bool is_of_version_22(const event::EventType& type) { return !event::payload_fields(type.name).empty(); }

}  // namespace

std::optional<std::vector<const event::EventType*>> types_of(const config::SubscribeConfig& subscription,
                                                             config::Dialect dialect) {
  std::vector<const event::EventType*> types;
  if (dialect == config::Dialect::v16) {
    for (const auto& key : subscription.keys)
      if (const auto* const type = event::find_event_type(key)) types.push_back(type);
    return types;
  }
  const auto family = family_of_topic(subscription.topic);
  if (!family) return std::nullopt;
  for (const auto& type : event::event_types())
    if (type.family == *family && is_of_version_22(type)) types.push_back(&type);
  return types;
}

std::vector<PossibleEvent> possible_events(const config::Config& config) {
  std::vector<PossibleEvent> events;
  for (const auto& pbx : config.pbx) {
    events.push_back({&pbx, nullptr});
    for (const auto& type : event::own_event_types()) events.push_back({&pbx, &type});
    for (const auto& subscription : pbx.subscribe) {
      if (const auto types = types_of(subscription, pbx.dialect)) {
        for (const auto* type : *types) events.push_back({&pbx, type});
        continue;
      }
      for (const auto& type : event::event_types()) events.push_back({&pbx, &type});
    }
  }
  return events;
}

Taken taken(const config::MatchConfig& match, const PossibleEvent& event) {
  if (event.type && is_own(event.type->family) &&
      !own_families_named(match).test(static_cast<std::size_t>(event.type->family)))
    return Taken::never;
  const Taken conditions = all_are_met(match.conditions, event);
  if (match.none_of.empty()) return conditions;
  const Taken excluded = all_are_met(match.none_of, event);
  if (excluded == Taken::always) return Taken::never;
  return excluded == Taken::never ? conditions : std::min(conditions, Taken::perhaps);
}

}  // namespace pbxbridge::route
