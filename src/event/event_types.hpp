#pragma once

#include "pbxbridge/event_kinds.hpp"

#include <array>
#include <span>
#include <string_view>

namespace pbxbridge::event {

/// Facts about an `event_type`: the topic family that brings it, and where its payload says what it
/// is about and when it happened.
struct EventType {
  std::string_view name;
  Family family = Family::unknown;
  EntityKind entity_kind = EntityKind::none;
  /// The top-level fields that may hold the time, the first that does counts.
  std::array<std::string_view, 2> time_fields = {"time", "timestamp"};
  /// An array of objects that hold entity and time where the top level does not. They count only where all elements
  /// agree: an event about two extensions is about neither.
  std::string_view elements = {};
};

/// The event types of PortSIP PBX 22.x, and those of 16.x that 22.x does not have.
std::span<const EventType> event_types();

/// The event types that pbxbridge itself makes.
std::span<const EventType> own_event_types();

/// Types of the documents of state that pbxbridge derives from events of this type, which a PBX pushes
/// (`derive/state/`).
std::span<const std::string_view> documents_fed_by(const EventType& type);

/// Null for a type that is not known. Those of `own_event_types` are not: a PBX that pushes one makes an event of the
/// unknown family.
const EventType* find_event_type(std::string_view name);

}  // namespace pbxbridge::event
